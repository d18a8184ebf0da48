//! What docker/Dockerfile says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::yaml::repository;

/// A stage, with its instructions in their order.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// What it begins with: an image, or another stage.
    pub(super) from: String,
    instructions: Vec<(String, String)>,
}

impl Stage {
    /// What follows each instruction of that name.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.instructions.iter().filter(|(instruction, _)| instruction == name);
        named.map(|(_, rest)| rest.as_str()).collect()
    }

    /// The words of an instruction in its exec form, which takes no shell.
    pub(super) fn exec(&self, name: &str) -> Vec<String> {
        let Some(last) = self.all(name).pop() else { return Vec::new() };
        let words: Value =
            serde_json::from_str(last).unwrap_or_else(|_| panic!("{name} {last} takes a shell"));
        serde_json::from_value(words).unwrap()
    }

    /// Variables of the image.
    pub(super) fn environment(&self) -> BTreeMap<&str, &str> {
        let words = self.all("ENV").into_iter().flat_map(str::split_whitespace);
        words.map(|word| word.split_once('=').unwrap()).collect()
    }

    /// The program's name.
    pub(super) fn program(&self) -> String {
        self.exec("ENTRYPOINT")[0].rsplit('/').next().unwrap().to_owned()
    }

    /// Ports of what it listens on.
    pub(super) fn ports(&self) -> BTreeSet<&str> {
        let listeners = self.environment().into_iter().filter(|(name, _)| name.ends_with("LISTEN"));
        listeners.map(|(_, address)| address.rsplit(':').next().unwrap()).collect()
    }
}

/// The stages by their names.
pub(super) fn stages() -> BTreeMap<String, Stage> {
    let text = std::fs::read_to_string(repository().join("docker/Dockerfile")).unwrap();
    let text: String =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).fold(String::new(), |text, line| {
            match line.strip_suffix('\\') {
                Some(begun) => text + begun,
                None => text + line + "\n",
            }
        });
    let mut stages = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, rest) = line.trim().split_once(' ').unwrap();
        if name == "FROM" {
            let (from, stage) = rest.split_once(" AS ").unwrap();
            stage.clone_into(&mut current);
            stages.insert(current.clone(), Stage { from: from.to_owned(), ..Stage::default() });
        } else {
            let instruction = (name.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" "));
            stages.get_mut(&current).unwrap().instructions.push(instruction);
        }
    }
    stages
}
