//! Exports: a poll's responses, or every event of its votes, as CSV, JSON lines or Parquet. Read from PostgreSQL, or
//! from the archive once the responses are only there; the bytes are the same.
//!
//! Nothing runs ahead of who reads: each call of [`Export::next`] reads at most a page of events and encodes at most
//! a chunk of them, so that memory is bounded however large the poll and however slow the reader. A connection to
//! PostgreSQL is held for a page's query only. Each page is thus a snapshot of its own: an export of a poll that
//! takes votes meanwhile holds each vote as it stood at some moment of the export.

mod audit;
mod columns;
mod csv;
mod encode;
mod error;
mod events;
mod json;
mod labels;
mod parquet;
mod place;
mod record;
mod records;
#[cfg(test)]
mod sample;

use std::sync::Arc;

use bytes::Bytes;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use error::ExportError;

use crate::archive::Store;
use crate::database::{DatabaseError, Pool};
use crate::poll::Poll;
use crate::vote::HashSecret;
use encode::Encoding;
use labels::Labels;
use place::Place;
use records::Records;

/// Where responses are read from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// PostgreSQL.
    pub pool: Pool,
    /// The archive.
    pub archive: Store,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// RFC 4180, with a header line.
    Csv,
    /// JSON lines: an object a line.
    Json,
    /// Apache Parquet.
    Parquet,
}

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// In which form.
    pub format: Format,
    /// Every event of every vote, instead of what each voter answered in the end.
    pub audit: bool,
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    pool: Pool,
    /// The poll's row.
    poll: i64,
    /// Whether the responses are read from PostgreSQL.
    is_stored: bool,
    records: Records,
    /// `None` once all is encoded.
    encoding: Option<Encoding>,
    rows: u64,
}

impl Export {
    /// Begins an export of the poll, with voters named by hashes that `secret` keys.
    ///
    /// # Errors
    /// Where the responses can't be reached.
    pub async fn open(
        sources: &Sources,
        poll: &Arc<Poll>,
        selection: Selection,
        secret: &HashSecret,
    ) -> Result<Self, ExportError> {
        let place = place_of(&sources.pool, poll.id).await?;
        let is_stored = place == Place::Database;
        let records = Records::new(sources, poll, place, selection.audit).await?;
        let encoding = Encoding::new(selection, Labels::new(poll, secret))?;
        let pool = sources.pool.clone();
        Ok(Self { pool, poll: poll.id, is_stored, records, encoding: Some(encoding), rows: 0 })
    }

    /// The next bytes, `None` after the last. After an error the export can't be gone on with.
    ///
    /// # Errors
    /// Where the responses can't be read; what came before is then not the whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ExportError> {
        while let Some(mut encoding) = self.encoding.take() {
            if encoding.is_idle() {
                let records = self.records.page().await?;
                if records.is_empty() {
                    if self.is_stored {
                        ensure_stored(&self.pool, self.poll).await?;
                    }
                    encoding.end();
                }
                self.rows += records.len() as u64;
                encoding.add(records);
            }
            let (bytes, rest) = encoding.run().await?;
            self.encoding = rest;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// The rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// Fails where responses may have been removed from PostgreSQL while they were read there.
async fn ensure_stored(pool: &Pool, poll: i64) -> Result<(), ExportError> {
    match place_of(pool, poll).await? {
        Place::Database => Ok(()),
        Place::Archive(_) => Err(ExportError::Moved),
        Place::Nowhere => Err(ExportError::Deleted),
    }
}

async fn place_of(pool: &Pool, poll: i64) -> Result<Place, ExportError> {
    let mut connection = pool.get().await.map_err(DatabaseError::from)?;
    Ok(place::of(&mut connection, poll).await.map_err(DatabaseError::from)?)
}
