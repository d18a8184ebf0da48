//! What a compose file says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pollster_shared::config::parse_duration;
use serde_json::Value;

use crate::settings::{Environment, SECRET};
use crate::yaml::yaml;

/// A compose file, or one with another over it.
#[derive(Debug, Clone)]
pub(super) struct Compose(Value);

impl Compose {
    pub(super) fn read(file: &str) -> Option<Self> {
        yaml(file).map(Self)
    }

    /// What Docker Compose makes of this with `over` as its second file.
    pub(super) fn with(&self, over: &Self) -> Self {
        let mut merged = self.0.clone();
        merge(&mut merged, &over.0);
        Self(merged)
    }

    pub(super) fn services(&self) -> BTreeMap<&str, Service<'_>> {
        let services = self.0["services"].as_object().unwrap();
        services.iter().map(|(name, service)| (name.as_str(), Service { name, said: service })).collect()
    }

    pub(super) fn service(&self, name: &str) -> Service<'_> {
        self.services()[name]
    }

    /// Services of our own programs, which are built.
    pub(super) fn programs(&self) -> Vec<Service<'_>> {
        self.services().into_values().filter(|service| service.target().is_some()).collect()
    }

    /// Services that others wait for the end of.
    pub(super) fn tasks(&self) -> BTreeSet<&str> {
        let services = self.services();
        let waits = services.values().flat_map(|service| entries(&service.said["depends_on"]));
        let ends = |on: &Value| on["condition"] == "service_completed_successfully";
        waits.filter(|(_, on)| ends(on)).map(|(name, _)| name).collect()
    }

    pub(super) fn volumes(&self) -> BTreeSet<&str> {
        entries(&self.0["volumes"]).map(|(name, _)| name).collect()
    }

    /// The network's settings.
    pub(super) fn network(&self) -> &Value {
        &self.0["networks"]["default"]["ipam"]["config"][0]
    }
}

/// A service of a compose file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) said: &'a Value,
}

impl<'a> Service<'a> {
    /// The stage of the Dockerfile that it is built from.
    pub(super) fn target(self) -> Option<&'a str> {
        self.said["build"]["target"].as_str()
    }

    pub(super) fn words(self, key: &str) -> Vec<&'a str> {
        strings(&self.said[key])
    }

    /// What its program is told, with what docker/.env has to say put in; variables that are only passed on are without
    /// value.
    pub(super) fn environment(self) -> BTreeMap<&'a str, Option<String>> {
        let value = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(interpolated(text)),
            other => Some(other.to_string()),
        };
        entries(&self.said["environment"]).map(|(name, given)| (name, value(given))).collect()
    }

    /// Variables that have a value.
    pub(super) fn given(self) -> Environment {
        let given = self.environment().into_iter();
        given.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    pub(super) fn duration(self, key: &str) -> Duration {
        parse_duration(self.said[key].as_str().unwrap_or_default()).unwrap()
    }

    pub(super) fn depends_on(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        entries(&self.said["depends_on"]).map(|(name, on)| (name, on["condition"].as_str().unwrap()))
    }

    /// Sources and targets of what is mounted.
    pub(super) fn mounts(self) -> Vec<(&'a str, &'a str)> {
        let mount = |said: &'a str| {
            let mut parts = said.split(':');
            (parts.next().unwrap(), parts.next().unwrap())
        };
        self.words("volumes").into_iter().map(mount).collect()
    }

    /// Its own address.
    pub(super) fn address(self) -> Option<&'a str> {
        self.said["networks"]["default"]["ipv4_address"].as_str()
    }
}

pub(super) fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|word| word.as_str().unwrap()).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Maps are merged, volumes by where they are mounted; anything else is replaced.
fn merge(base: &mut Value, over: &Value) {
    let (Value::Object(base), Value::Object(over)) = (&mut *base, over) else {
        *base = over.clone();
        return;
    };
    for (key, over) in over {
        let base = base.entry(key).or_insert(Value::Null);
        match (key.as_str(), &mut *base, over) {
            ("volumes", Value::Array(base), Value::Array(over)) => {
                let target = |mount: &Value| mount.as_str().unwrap().split(':').nth(1).unwrap().to_owned();
                base.retain(|mount| !over.iter().any(|over| target(over) == target(mount)));
                base.extend(over.iter().cloned());
            }
            (_, base, over) => merge(base, over),
        }
    }
}

/// The variables of docker/.env in a text, and what stands after each name: `:?` and why it is required, `:-` and a
/// default, or nothing.
pub(super) fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let inside = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
    inside.map(|inside| inside.split_at(inside.find(':').unwrap_or(inside.len())))
}

/// The text with defaults, or else a secret, in place of its variables.
pub(super) fn interpolated(text: &str) -> String {
    variables(text).fold(text.to_owned(), |text, (name, after)| {
        text.replace(&format!("${{{name}{after}}}"), after.strip_prefix(":-").unwrap_or(SECRET))
    })
}
