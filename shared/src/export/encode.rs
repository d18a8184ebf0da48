//! Rows on their way to bytes, a chunk at a time.

use std::fmt;
use std::vec;

use bytes::Bytes;

use super::columns::columns;
use super::csv::Csv;
use super::error::ExportError;
use super::json::Json;
use super::labels::Labels;
use super::parquet::Parquet;
use super::record::Record;
use super::{Format, Selection};

/// Bytes after which encoding waits for who reads. Parquet comes in row groups, which may be larger.
const CHUNK: usize = 64 * 1024;

/// One form of export.
pub(super) trait Encode: Send {
    /// Adds a row.
    fn write(&mut self, record: &Record) -> Result<(), ExportError>;

    /// Adds what stands after the last row.
    fn finish(&mut self) -> Result<(), ExportError>;

    /// About how many bytes are ready to be taken.
    fn ready(&self) -> usize;

    /// Takes what is ready.
    fn take(&mut self) -> Result<Vec<u8>, ExportError>;
}

/// Rows that wait to be encoded, and what encodes them.
pub(super) struct Encoding {
    encoder: Box<dyn Encode>,
    records: vec::IntoIter<Record>,
    has_ended: bool,
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encoding(…)")
    }
}

impl Encoding {
    pub(super) fn new(selection: Selection, labels: Labels) -> Result<Self, ExportError> {
        let columns = columns(selection.audit);
        let encoder: Box<dyn Encode> = match selection.format {
            Format::Csv => Box::new(Csv::new(columns, labels)?),
            Format::Json => Box::new(Json::new(columns, labels)),
            Format::Parquet => Box::new(Parquet::new(columns, labels)?),
        };
        Ok(Self { encoder, records: Vec::new().into_iter(), has_ended: false })
    }

    /// Whether it waits for rows.
    pub(super) fn is_idle(&self) -> bool {
        self.records.as_slice().is_empty()
    }

    /// Gives it the next rows.
    pub(super) fn add(&mut self, records: Vec<Record>) {
        self.records = records.into_iter();
    }

    /// Says that no rows come after those it has.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
    }

    /// Encodes about a chunk, on a thread of its own: the gateway's only one has votes to take. Returns itself while
    /// there is more to come.
    pub(super) async fn run(mut self) -> Result<(Bytes, Option<Self>), ExportError> {
        let encode = move || {
            let bytes = self.encode()?;
            let rest = (!self.has_ended || !self.is_idle()).then_some(self);
            Ok((bytes, rest))
        };
        let encoded = tokio::task::spawn_blocking(encode).await;
        encoded.map_err(|error| ExportError::Encoding(error.to_string()))?
    }

    fn encode(&mut self) -> Result<Bytes, ExportError> {
        while self.encoder.ready() < CHUNK
            && let Some(record) = self.records.next()
        {
            self.encoder.write(&record)?;
        }
        if self.has_ended && self.is_idle() {
            self.encoder.finish()?;
        }
        Ok(self.encoder.take()?.into())
    }
}
