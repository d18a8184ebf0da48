//! What a run reached, by its report.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// What stands for requests that follow each other, of several operations.
const SEQUENCES: &str = "Stateful tests";

/// Whether each operation ever succeeded.
#[derive(Debug)]
pub(super) struct Reached(BTreeMap<String, bool>);

impl Reached {
    /// Reads a report: a line an event, of which those of finished scenarios hold the answers.
    pub(super) fn read(report: &Path) -> Self {
        let mut operations = BTreeMap::new();
        for line in std::fs::read_to_string(report).unwrap().lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let recorder = &event["ScenarioFinished"]["recorder"];
            let Some(label) = recorder["label"].as_str().filter(|label| *label != SEQUENCES) else {
                continue;
            };
            let exchanges = recorder["interactions"].as_object().into_iter().flatten();
            let statuses = exchanges.filter_map(|(_, exchange)| exchange["response"]["status_code"].as_u64());
            *operations.entry(label.to_owned()).or_default() |=
                statuses.into_iter().any(|status| (200..400).contains(&status));
        }
        Self(operations)
    }

    /// How many operations were asked.
    pub(super) fn operations(&self) -> usize {
        self.0.len()
    }

    /// The operations that were refused each time.
    pub(super) fn without_success(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, succeeded)| !**succeeded).map(|(label, _)| label.as_str())
    }
}
