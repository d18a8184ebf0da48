//! The names of the archive's objects.

use std::fmt;
use std::str::FromStr;

use object_store::path::Path;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::responses::Relation;

/// An object of the archive; as text, its key in the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Key {
    /// Some of a poll's rows.
    Part {
        /// The poll.
        poll_id: Uuid,
        /// Which rows.
        relation: Relation,
        /// Its number among them, from 0.
        number: u32,
    },
    /// What a poll's archive holds.
    Manifest {
        /// The poll.
        poll_id: Uuid,
    },
}

impl Key {
    /// What the keys of all objects of a poll begin with.
    pub(super) fn folder(poll_id: Uuid) -> Path {
        Path::from(format!("polls/{poll_id}"))
    }

    pub(super) fn path(self) -> Path {
        Path::from(self.to_string())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part { poll_id, relation, number } => {
                write!(f, "polls/{poll_id}/{}-{number:05}.parquet", relation.name())
            }
            Self::Manifest { poll_id } => write!(f, "polls/{poll_id}/manifest.json"),
        }
    }
}

/// The text is no key of the archive.
#[derive(Debug, thiserror::Error)]
#[error("not a key of the archive: {0}")]
pub struct InvalidKey(String);

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let key = || {
            let (poll_id, name) = text.strip_prefix("polls/")?.split_once('/')?;
            let poll_id = poll_id.parse().ok()?;
            if name == "manifest.json" {
                return Some(Self::Manifest { poll_id });
            }
            let (relation, number) = name.strip_suffix(".parquet")?.rsplit_once('-')?;
            let relation = Relation::ALL.into_iter().find(|each| each.name() == relation)?;
            Some(Self::Part { poll_id, relation, number: number.parse().ok()? })
        };
        // One text a key: no other spelling names the same object.
        key().filter(|key| key.to_string() == text).ok_or_else(|| InvalidKey(text.to_owned()))
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_from_its_text_and_from_no_other() {
        let poll_id = Uuid::nil();
        let part = Key::Part { poll_id, relation: Relation::Changes, number: 12 };
        assert_eq!(part.to_string(), "polls/00000000-0000-0000-0000-000000000000/changes-00012.parquet");
        for key in [part, Key::Manifest { poll_id }] {
            assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
        }
        for wrong in
            ["changes-12.parquet", "other-00012.parquet", "../manifest.json", "changes-+0012.parquet"]
        {
            assert!(format!("polls/{poll_id}/{wrong}").parse::<Key>().is_err(), "{wrong}");
        }
    }
}
