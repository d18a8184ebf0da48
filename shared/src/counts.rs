//! A poll's counts as everybody outside of PostgreSQL sees them: absolute, complete, with a version.

pub mod projection;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// All counts of a poll at one version. As JSON it is what is published on the poll's channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The poll's public id.
    pub poll_id: Uuid,
    /// Goes up with every change, never back.
    pub version: i64,
    /// Number of responses: one a voter and question.
    pub total_votes: i64,
    /// Whether the poll was closed.
    pub closed: bool,
    /// Whether the last accepted vote is counted, so that nothing can change any more.
    #[serde(rename = "final")]
    pub finalized: bool,
    /// Whether a verified copy of its responses is in the archive.
    #[serde(default)]
    pub archived: bool,
    /// Whether the poll was deleted, so that nobody may be told of it any more.
    #[serde(default)]
    pub deleted: bool,
    /// Responses a question and votes a choice.
    pub results: BTreeMap<Counted, i64>,
}

/// What a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// Votes of the choice with this public id.
    Choice(Uuid),
    /// Responses to the question with this public id.
    Question(Uuid),
}

impl Counts {
    /// The count of `counted`, 0 where there is none.
    pub fn of(&self, counted: Counted) -> i64 {
        self.results.get(&counted).copied().unwrap_or(0)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice(id) => write!(f, "choice:{id}"),
            Self::Question(id) => write!(f, "question:{id}"),
        }
    }
}

/// The text is not the name of a count.
#[derive(Debug, thiserror::Error)]
#[error("not a count: {0}")]
pub struct NotACount(String);

impl FromStr for Counted {
    type Err = NotACount;

    fn from_str(text: &str) -> Result<Self, NotACount> {
        let error = || NotACount(text.to_owned());
        let (kind, id) = text.split_once(':').ok_or_else(error)?;
        let id = id.parse().map_err(|_| error())?;
        match kind {
            "choice" => Ok(Self::Choice(id)),
            "question" => Ok(Self::Question(id)),
            _ => Err(error()),
        }
    }
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_read_back_from_what_is_published() {
        let (choice, question) = (Uuid::now_v7(), Uuid::now_v7());
        let counts = Counts {
            poll_id: Uuid::now_v7(),
            version: 3,
            total_votes: 2,
            closed: false,
            finalized: false,
            archived: false,
            deleted: false,
            results: BTreeMap::from([(Counted::Choice(choice), 2), (Counted::Question(question), 2)]),
        };
        let json = serde_json::to_value(&counts).unwrap();
        assert_eq!(json["results"][format!("choice:{choice}")], 2);
        assert_eq!(json["results"][format!("question:{question}")], 2);
        assert_eq!(serde_json::from_value::<Counts>(json).unwrap(), counts);
    }

    #[test]
    fn what_an_older_program_published_is_of_a_poll_that_is_there() {
        let json = serde_json::json!({
            "poll_id": Uuid::now_v7(), "version": 1, "total_votes": 0, "closed": true, "final": true, "results": {},
        });
        let counts: Counts = serde_json::from_value(json).unwrap();
        assert!(!counts.archived && !counts.deleted);
    }

    proptest! {
        #[test]
        fn what_is_published_is_read_back_or_refused(
            name in prop_oneof!["(choice|question|other):[0-9a-f-]{0,40}", "\\PC{0,12}"],
            id in any::<u128>(),
            numbers in any::<[i64; 3]>(),
            member in prop::sample::select(vec!["version", "total_votes", "closed", "final", "results", "poll_id"]),
        ) {
            if let Ok(counted) = name.parse::<Counted>() {
                prop_assert_eq!(counted.to_string().parse::<Counted>().ok(), Some(counted));
            }
            let id = Uuid::from_u128(id);
            let mut json = serde_json::json!({
                "poll_id": id, "version": numbers[0], "total_votes": numbers[1], "closed": true, "final": false,
                "archived": true, "deleted": false,
                "results": {format!("choice:{id}"): numbers[2], format!("question:{id}"): numbers[0]},
            });
            let counts: Counts = serde_json::from_value(json.clone()).unwrap();
            prop_assert_eq!(serde_json::to_value(&counts).unwrap(), json.clone());
            json[member] = name.into();
            prop_assert!(serde_json::from_value::<Counts>(json).is_err());
        }
    }
}
