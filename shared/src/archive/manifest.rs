//! The manifest: what a poll's archive holds, as JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ArchiveError, Fingerprint, Hash, Key, Recorded, Store};
use crate::counts::Counts;
use crate::poll::Poll;
use crate::responses::Relation;

/// What [`Manifest::format`] says of what is written now.
const FORMAT: u32 = 1;
/// The most rows, or bytes, that PostgreSQL can count.
const MOST: u64 = i64::MAX as u64;

/// What a poll's archive holds. Nothing in it tells who made the poll or where votes came from, nor when it was
/// written: written again, by whomever, it is the same to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this form of manifest and of the parts' columns.
    pub format: u32,
    /// The program that wrote it, with its version.
    pub written_by: String,
    /// The poll's definition.
    pub poll: Poll,
    /// Since when the poll took no votes.
    pub closed_at: DateTime<Utc>,
    /// Since when its counts are final.
    pub finalized_at: DateTime<Utc>,
    /// Its final counts.
    pub counts: Counts,
    /// The objects that hold its rows, by relation and number; rows are sorted by question, voter and order.
    pub parts: Vec<Part>,
}

/// An object that holds rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which rows.
    pub relation: Relation,
    /// Its key in the storage.
    pub key: Key,
    /// How many rows it holds.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Its hash.
    pub sha256: Hash,
}

/// What is read of a manifest first: the rest may have another form.
#[derive(Debug, Deserialize)]
struct Format {
    format: u32,
}

/// The manifest of a poll's archive, after its hash was compared with the recorded one.
///
/// # Errors
/// When the storage fails, or it does not hold what was recorded.
pub async fn open(store: &Store, poll_id: Uuid, recorded: &Recorded) -> Result<Manifest, ArchiveError> {
    let key = Key::Manifest { poll_id };
    let json = store.read(key).await?;
    if Hash::of(&json) != recorded.manifest_sha256 {
        return Err(ArchiveError::damaged(key, "its SHA-256 is not the one recorded in PostgreSQL"));
    }
    Manifest::parse(key, &json)
}

impl Manifest {
    /// The manifest of these parts.
    pub fn new(
        poll: Poll,
        closed_at: DateTime<Utc>,
        finalized_at: DateTime<Utc>,
        counts: Counts,
        parts: Vec<Part>,
    ) -> Self {
        Self {
            format: FORMAT,
            written_by: concat!("pollster ", env!("CARGO_PKG_VERSION")).to_owned(),
            poll,
            closed_at,
            finalized_at,
            counts,
            parts,
        }
    }

    /// The objects that hold the rows of `relation`, in order.
    pub fn parts_of(&self, relation: Relation) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.relation == relation)
    }

    /// How many rows of `relation` there are.
    pub fn rows_of(&self, relation: Relation) -> u64 {
        self.parts_of(relation).map(|part| part.rows).sum()
    }

    /// How many rows there are in all.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// The size of all parts together.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// Writes it, after all its parts.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn write(&self, store: &Store) -> Result<Fingerprint, ArchiveError> {
        let json =
            serde_json::to_vec_pretty(self).unwrap_or_else(|_| unreachable!("a manifest is plain data"));
        let fingerprint = Fingerprint { bytes: json.len() as u64, sha256: Hash::of(&json) };
        store.write(Key::Manifest { poll_id: self.poll.poll_id }, json.into()).await?;
        Ok(fingerprint)
    }

    fn parse(key: Key, json: &[u8]) -> Result<Self, ArchiveError> {
        let damaged = |error: serde_json::Error| ArchiveError::damaged(key, error);
        let Format { format } = serde_json::from_slice(json).map_err(damaged)?;
        if format > FORMAT {
            return Err(ArchiveError::Newer { key, format });
        }
        let manifest: Self = serde_json::from_slice(json).map_err(damaged)?;
        if manifest.total(|part| part.rows).max(manifest.total(|part| part.bytes)) > MOST {
            return Err(ArchiveError::damaged(key, "its parts claim more than there can be"));
        }
        Ok(manifest)
    }

    /// What the parts have together; as much as a number holds where that is less.
    fn total(&self, of: impl Fn(&Part) -> u64) -> u64 {
        self.parts.iter().map(of).fold(0, u64::saturating_add)
    }
}
