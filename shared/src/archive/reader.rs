//! Reads a poll's rows back, a row group at a time, by ranged requests.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{FooterTail, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedRowGroupReader;
use tokio::task::spawn_blocking;

use super::{ArchiveError, Manifest, Part, ROW_GROUP_ROWS, Store, columns};
use crate::responses::{Relation, StoredEvent};

/// What is read of an object's end at once; its metadata are some kilobytes.
const TAIL: u64 = 64 << 10;
/// Bytes at the very end: the metadata's length, and what says that it is Parquet.
const FOOTER: u64 = 8;

/// The rows of `relation` by question, voter and order, a row group at a time. Nothing more than a row group is in
/// memory.
///
/// The stream ends with an error where the storage fails, or an object is damaged as far as that can be seen without
/// its hash.
pub fn events(
    store: &Store,
    manifest: &Manifest,
    relation: Relation,
) -> impl Stream<Item = Result<Vec<StoredEvent>, ArchiveError>> + Send + use<> {
    let store = store.clone();
    let parts: Vec<Part> = manifest.parts_of(relation).copied().collect();
    let open = move |part| {
        let store = store.clone();
        async move { PartReader::open(store, part).await.map(PartReader::events) }
    };
    stream::iter(parts).then(open).try_flatten()
}

/// An object of rows.
#[derive(Debug)]
struct PartReader {
    store: Store,
    part: Part,
    metadata: Arc<ParquetMetaData>,
}

impl PartReader {
    async fn open(store: Store, part: Part) -> Result<Self, ArchiveError> {
        let damaged = |problem: &str| ArchiveError::damaged(part.key, problem);
        let footer_at = part.bytes.checked_sub(FOOTER).ok_or_else(|| damaged("it is too short"))?;
        let tail = store.range(part.key, part.bytes.saturating_sub(TAIL)..part.bytes).await?;
        let tail = Window { start: part.bytes.saturating_sub(TAIL), bytes: tail };
        let metadata = metadata(&store, part, footer_at, tail).await?;
        if metadata.file_metadata().schema() != &**columns::SCHEMA {
            return Err(damaged("it has other columns"));
        }
        // Before there is room made for them.
        let mut groups = metadata.row_groups().iter().map(RowGroupMetaData::num_rows);
        if groups.any(|rows| !(0..=ROW_GROUP_ROWS as i64).contains(&rows)) {
            return Err(damaged("a row group claims more rows than are written"));
        }
        let rows: i64 = metadata.row_groups().iter().map(RowGroupMetaData::num_rows).sum();
        if u64::try_from(rows) != Ok(part.rows) {
            return Err(damaged(&format!("it holds {rows} rows where the manifest says {}", part.rows)));
        }
        Ok(Self { store, part, metadata: Arc::new(metadata) })
    }

    fn events(self) -> impl Stream<Item = Result<Vec<StoredEvent>, ArchiveError>> + Send {
        let groups = 0..self.metadata.num_row_groups();
        stream::iter(groups.map(Ok)).and_then(move |group| {
            let (store, part, metadata) = (self.store.clone(), self.part, self.metadata.clone());
            async move { read_group(&store, part, metadata, group).await }
        })
    }
}

async fn metadata(
    store: &Store,
    part: Part,
    footer_at: u64,
    tail: Window,
) -> Result<ParquetMetaData, ArchiveError> {
    let damaged = |error: ParquetError| ArchiveError::damaged(part.key, error);
    let footer = tail.get_bytes(footer_at, FOOTER as usize).map_err(damaged)?;
    let footer = footer[..].try_into().unwrap_or_else(|_| unreachable!("that many were asked for"));
    let length = FooterTail::try_new(footer).map_err(damaged)?.metadata_length();
    let too_long = || ArchiveError::damaged(part.key, "its metadata are longer than itself");
    let start = footer_at.checked_sub(length as u64).ok_or_else(too_long)?;
    let bytes = match tail.get_bytes(start, length) {
        Ok(bytes) => bytes,
        Err(_) => store.range(part.key, start..footer_at).await?,
    };
    decode(part, move || ParquetMetaDataReader::decode_metadata(&bytes)).await
}

async fn read_group(
    store: &Store,
    part: Part,
    metadata: Arc<ParquetMetaData>,
    group: usize,
) -> Result<Vec<StoredEvent>, ArchiveError> {
    let outside = || ArchiveError::damaged(part.key, "a row group lies outside of it");
    let range =
        range(metadata.row_group(group)).filter(|range| range.end <= part.bytes).ok_or_else(outside)?;
    let window = Window { start: range.start, bytes: store.range(part.key, range).await? };
    decode(part, move || {
        let properties = Arc::new(ReaderProperties::builder().build());
        let page_index = metadata.page_index_for_row_group(group);
        let row_group = metadata.row_group(group);
        columns::read(&SerializedRowGroupReader::new(Arc::new(window), row_group, page_index, properties)?)
    })
    .await
}

/// The bytes that hold a row group; `None` where its metadata are damaged.
fn range(group: &RowGroupMetaData) -> Option<Range<u64>> {
    let ranges = group.columns().iter().map(|column| {
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let start = u64::try_from(start).ok()?;
        Some(start..start.checked_add(u64::try_from(column.compressed_size()).ok()?)?)
    });
    ranges.reduce(|all, column| {
        let (all, column) = (all?, column?);
        Some(all.start.min(column.start)..all.end.max(column.end))
    })?
}

/// Decodes on a thread that may block: a row group takes tens of milliseconds. What is damaged can also make the
/// decoder panic.
async fn decode<T: Send + 'static>(
    part: Part,
    decode: impl FnOnce() -> ParquetResult<T> + Send + 'static,
) -> Result<T, ArchiveError> {
    let decoded = spawn_blocking(decode).await;
    let decoded = decoded.map_err(|_| ArchiveError::damaged(part.key, "it can't be decoded"))?;
    decoded.map_err(|error| ArchiveError::damaged(part.key, error))
}

/// A piece of an object, from `start` on, in memory.
#[derive(Debug)]
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Window {
    fn at(&self, start: u64) -> ParquetResult<Bytes> {
        let offset = start.checked_sub(self.start).filter(|offset| *offset <= self.bytes.len() as u64);
        let outside = || ParquetError::EOF(format!("byte {start} is outside of what was read"));
        offset.map(|offset| self.bytes.slice(offset as usize..)).ok_or_else(outside)
    }
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Window {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.at(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let bytes = self.at(start)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are more than was read")));
        }
        Ok(bytes.slice(..length))
    }
}
