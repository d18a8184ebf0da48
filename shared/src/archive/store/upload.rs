//! An object written in pieces, which nobody sees before its end.

use object_store::{MultipartUpload, WriteMultipart};

use crate::archive::hash::Hasher;
use crate::archive::{ArchiveError, Fingerprint, Key};

/// Bytes of a piece, more than the least (5 MiB) that S3 takes.
const PIECE: usize = 8 << 20;
/// Pieces under way at a time.
const CONCURRENCY: usize = 2;

/// An object on its way. At most three pieces of it are in memory.
#[derive(Debug)]
pub(in crate::archive) struct Upload {
    key: Key,
    pieces: WriteMultipart,
    hasher: Hasher,
}

impl Upload {
    pub(super) fn new(key: Key, upload: Box<dyn MultipartUpload>) -> Self {
        let pieces = WriteMultipart::new_with_chunk_size(upload, PIECE);
        Self { key, pieces, hasher: Hasher::default() }
    }

    /// Appends these bytes; where that fails, the upload is given up.
    pub(in crate::archive) async fn write(mut self, bytes: Vec<u8>) -> Result<Self, ArchiveError> {
        self.hasher.update(&bytes);
        for piece in bytes.chunks(PIECE) {
            if let Err(error) = self.pieces.wait_for_capacity(CONCURRENCY).await {
                let error = ArchiveError::writing(self.key, &error);
                self.abort().await;
                return Err(error);
            }
            self.pieces.write(piece);
        }
        Ok(self)
    }

    /// Shows the object; where that fails, the upload is given up.
    pub(in crate::archive) async fn finish(self) -> Result<Fingerprint, ArchiveError> {
        self.pieces.finish().await.map_err(|error| ArchiveError::writing(self.key, &error))?;
        Ok(self.hasher.finish())
    }

    /// Gives the upload up, with what the storage holds of it.
    pub(in crate::archive) async fn abort(self) {
        let key = self.key;
        if let Err(error) = self.pieces.abort().await {
            let error = ArchiveError::writing(key, &error);
            tracing::warn!(%error, "an upload that was given up may have left pieces in the storage");
        }
    }
}
