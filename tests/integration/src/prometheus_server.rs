//! A test's Prometheus.

use std::net::SocketAddr;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use pollster_bench::client::Client;
use pollster_stack::{Prometheus, Scratch};
use serde_json::Value;

use crate::service::Service;
use crate::stack::Stack;
use crate::wait::blocking;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A Prometheus that scrapes the programs of a stack, with the configuration and alerts that operators get.
#[derive(Debug)]
pub struct PrometheusServer {
    // Fields are dropped in this order.
    prometheus: Prometheus,
    #[allow(dead_code, reason = "its drop removes the folder")]
    scratch: Scratch,
}

/// A series and its value at the moment.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its labels.
    pub labels: Value,
    /// Its value, which may be none: NaN.
    pub value: f64,
}

impl PrometheusServer {
    /// Starts it on all programs of a stack.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn of(stack: &Stack) -> Self {
        let admins = |services: &[Service]| services.iter().map(Service::admin).collect::<Vec<SocketAddr>>();
        let targets = [
            ("gateway", admins(stack.gateways())),
            ("aggregator", admins(stack.aggregators())),
            ("background", admins(stack.backgrounds())),
        ];
        blocking(move || {
            let scratch = Scratch::new("prometheus").expect("a folder for Prometheus");
            let prometheus = Prometheus::start(scratch.path(), &targets).expect("Prometheus starts");
            Self { prometheus, scratch }
        })
        .await
    }

    /// What an expression gives at the moment.
    ///
    /// # Panics
    /// When Prometheus does not take it.
    pub async fn query(&self, expression: &str) -> Vec<Sample> {
        let body: Bytes = format!("query={}", percent_encoded(expression)).into();
        let reply = self.client().request(Method::POST, "/api/v1/query", &[FORM], body).await;
        let reply = reply.expect("Prometheus answers");
        assert_eq!(reply.status, StatusCode::OK, "{expression}: {}", reply.text());
        let answer: Value = reply.json().expect("JSON");
        let result = answer["data"]["result"].as_array().expect("a vector").clone();
        let sample = |mut series: Value| Sample {
            labels: series["metric"].take(),
            value: series["value"][1].as_str().and_then(|value| value.parse().ok()).expect("a number"),
        };
        result.into_iter().map(sample).collect()
    }

    /// The alerts that it watches over, as its API describes rules.
    ///
    /// # Panics
    /// When it does not say.
    pub async fn alerts(&self) -> Vec<Value> {
        let reply = self.client().get("/api/v1/rules?type=alert").await.expect("Prometheus answers");
        let answer: Value = reply.json().expect("JSON");
        let groups = answer["data"]["groups"].as_array().expect("groups");
        groups.iter().flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default()).collect()
    }

    fn client(&self) -> Client {
        Client::new(self.prometheus.address())
    }
}

fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}
