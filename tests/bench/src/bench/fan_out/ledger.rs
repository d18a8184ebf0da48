//! The counts of each version that any viewer was shown. Whoever is shown a version is shown its counts, so
//! they are read once, and a viewer need only note its versions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;
use uuid::Uuid;

use super::error::FanOutError;
use super::message::Told;

/// Counts by version.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Names of the counts that are kept beside the total.
    marks: Vec<String>,
    counts: HashMap<u64, Counts>,
}

#[derive(Debug)]
struct Counts {
    total_votes: u64,
    marks: Vec<u64>,
}

#[derive(Deserialize)]
struct Results<'a> {
    #[serde(borrow)]
    results: HashMap<&'a str, u64>,
}

impl Ledger {
    /// A ledger that keeps the counts of these choices too.
    pub(super) fn new(marks: &[Uuid]) -> Self {
        let marks = marks.iter().map(|choice| format!("choice:{choice}")).collect();
        Self { marks, counts: HashMap::new() }
    }

    /// Notes what a message tells. The same version must come with the same votes.
    pub(super) fn note(&mut self, told: Told, text: &[u8]) -> Result<(), FanOutError> {
        let Told { version, total_votes: shown } = told;
        match self.counts.entry(version) {
            Entry::Occupied(known) if known.get().total_votes == shown => Ok(()),
            Entry::Occupied(known) => {
                Err(FanOutError::Contradiction { version, shown, before: known.get().total_votes })
            }
            Entry::Vacant(new) => {
                let marks = read_marks(&self.marks, text)?;
                new.insert(Counts { total_votes: shown, marks });
                Ok(())
            }
        }
    }

    /// The votes of a version that was shown.
    pub(super) fn total_votes(&self, version: u64) -> u64 {
        self.counts.get(&version).map_or(0, |counts| counts.total_votes)
    }

    /// Its votes of each choice that is kept, in their order.
    pub(super) fn marks(&self, version: u64) -> &[u64] {
        self.counts.get(&version).map_or(&[], |counts| &counts.marks)
    }
}

fn read_marks(marks: &[String], text: &[u8]) -> Result<Vec<u64>, FanOutError> {
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let parsed: Results<'_> = serde_json::from_slice(text)
        .map_err(|error| FanOutError::Unreadable(format!("{error}: {}", String::from_utf8_lossy(text))))?;
    Ok(marks.iter().map(|mark| parsed.results.get(mark.as_str()).copied().unwrap_or(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_by_version() {
        let choices = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let mut ledger = Ledger::new(&choices);
        let text = format!(r#"{{"type":"results","results":{{"choice:{}":3,"question:x":4}}}}"#, choices[1]);
        ledger.note(Told { version: 5, total_votes: 4 }, text.as_bytes()).unwrap();
        assert_eq!((ledger.total_votes(5), ledger.marks(5)), (4, [0, 3].as_slice()));
        assert_eq!((ledger.total_votes(6), ledger.marks(6)), (0, [].as_slice()));
    }

    #[test]
    fn a_version_with_two_totals_is_an_error() {
        let mut ledger = Ledger::new(&[]);
        ledger.note(Told { version: 5, total_votes: 4 }, b"").unwrap();
        ledger.note(Told { version: 5, total_votes: 4 }, b"").unwrap();
        let wrong = ledger.note(Told { version: 5, total_votes: 3 }, b"");
        assert!(matches!(wrong, Err(FanOutError::Contradiction { version: 5, shown: 3, before: 4 })));
    }
}
