//! Writes one object of rows, a row group at a time.

use std::sync::Arc;

use parquet::errors::Result as ParquetResult;
use parquet::file::writer::SerializedFileWriter;
use tokio::task::spawn_blocking;

use super::store::Upload;
use super::{ArchiveError, Fingerprint, Key, Store, columns};
use crate::responses::StoredEvent;

/// Rows of a row group: a few megabytes, read and decoded at once.
pub const ROW_GROUP_ROWS: usize = 100_000;
/// Rows of an object: some tens of megabytes. What a killed job has to write again is less than one.
pub const PART_ROWS: u64 = 1_000_000;

/// An object of rows on its way into the storage; nobody sees it before it is finished.
#[derive(Debug)]
pub struct PartWriter {
    upload: Upload,
    file: SerializedFileWriter<Vec<u8>>,
}

impl PartWriter {
    /// Begins the object of this key.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn begin(store: &Store, key: Key) -> Result<Self, ArchiveError> {
        let (Key::Part { poll_id, .. } | Key::Manifest { poll_id }) = key;
        let properties = Arc::new(columns::properties(poll_id));
        let file = SerializedFileWriter::new(Vec::new(), columns::SCHEMA.clone(), properties)
            .unwrap_or_else(|error| unreachable!("memory takes what is written: {error}"));
        Ok(Self { upload: store.upload(key).await?, file })
    }

    /// Writes a row group: at most [`ROW_GROUP_ROWS`], which come after all before them.
    ///
    /// # Errors
    /// When the storage fails; nothing is left of the object then.
    pub async fn write(mut self, events: Vec<StoredEvent>) -> Result<Self, ArchiveError> {
        let encode = move || -> ParquetResult<_> {
            columns::write(&mut self.file, &events)?;
            self.file.flush()?;
            let encoded = std::mem::take(self.file.inner_mut());
            Ok((self.file, encoded))
        };
        let (file, encoded) = off_the_loop(encode).await;
        let upload = self.upload.write(encoded).await?;
        Ok(Self { upload, file })
    }

    /// Writes what is left and shows the object.
    ///
    /// # Errors
    /// When the storage fails; nothing is left of the object then.
    pub async fn finish(self) -> Result<Fingerprint, ArchiveError> {
        let footer = off_the_loop(move || self.file.into_inner()).await;
        self.upload.write(footer).await?.finish().await
    }

    /// Gives the object up.
    pub async fn abort(self) {
        self.upload.abort().await;
    }
}

/// Encodes on a thread that may block: a row group takes tens of milliseconds.
async fn off_the_loop<T: Send + 'static>(encode: impl FnOnce() -> ParquetResult<T> + Send + 'static) -> T {
    match spawn_blocking(encode).await {
        Ok(Ok(encoded)) => encoded,
        Ok(Err(error)) => unreachable!("memory takes what is written: {error}"),
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}
