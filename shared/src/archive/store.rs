//! The object storage that holds the archive.

mod location;
mod upload;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutPayload};
use uuid::Uuid;

use super::hash::Hasher;
use super::{ArchiveConfig, ArchiveError, Fingerprint, Key};
use crate::config::StartError;

pub(super) use upload::Upload;

/// The storage. Cheap to clone; a request that fails is tried again for some seconds.
#[derive(Debug, Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
}

impl Store {
    /// The storage of `ARCHIVE_URL`, with what else it needs from the provider's own variables. A folder is made.
    /// Nothing is asked of a storage that is reached over a network.
    ///
    /// # Errors
    /// Where the URL, or one of the provider's variables, is no good.
    pub fn new(config: &ArchiveConfig) -> Result<Self, StartError> {
        let objects = location::open(&config.archive_url);
        let objects = objects.map_err(|problem| StartError::setting("ARCHIVE_URL", problem))?;
        Ok(Self { objects })
    }

    /// Removes all objects of a poll; where there are none, that is no error.
    ///
    /// # Errors
    /// When the storage fails; some may be gone then.
    pub async fn remove(&self, poll_id: Uuid) -> Result<(), ArchiveError> {
        let key = Key::Manifest { poll_id };
        let found = self.objects.list(Some(&Key::folder(poll_id))).map_ok(|object| object.location);
        let found: Vec<_> = found.try_collect().await.map_err(|error| ArchiveError::writing(key, &error))?;
        for path in found {
            match self.objects.delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(ArchiveError::writing(key, &error)),
            }
        }
        Ok(())
    }

    /// A whole object.
    pub(super) async fn read(&self, key: Key) -> Result<Bytes, ArchiveError> {
        let read = async { self.objects.get(&key.path()).await?.bytes().await };
        read.await.map_err(|error| ArchiveError::reading(key, &error))
    }

    /// The size of an object.
    pub(super) async fn size(&self, key: Key) -> Result<u64, ArchiveError> {
        let object = self.objects.head(&key.path()).await;
        object.map(|object| object.size).map_err(|error| ArchiveError::reading(key, &error))
    }

    /// A piece of an object, of exactly that length.
    pub(super) async fn range(&self, key: Key, range: Range<u64>) -> Result<Bytes, ArchiveError> {
        let length = range.end - range.start;
        let bytes = self.objects.get_range(&key.path(), range).await;
        let bytes = bytes.map_err(|error| ArchiveError::reading(key, &error))?;
        if bytes.len() as u64 != length {
            return Err(ArchiveError::damaged(key, "it is shorter than it was"));
        }
        Ok(bytes)
    }

    /// The fingerprint of an object, read from its beginning to its end.
    pub(super) async fn fingerprint(&self, key: Key) -> Result<Fingerprint, ArchiveError> {
        let fingerprint = async {
            let object = self.objects.get_opts(&key.path(), GetOptions::default()).await?;
            let hashed = object.into_stream().try_fold(Hasher::default(), async |mut hasher, bytes| {
                hasher.update(&bytes);
                Ok(hasher)
            });
            hashed.await
        };
        let hasher = fingerprint.await.map_err(|error| ArchiveError::reading(key, &error))?;
        Ok(hasher.finish())
    }

    /// Writes a small object; it takes the place of one that is there.
    pub(super) async fn write(&self, key: Key, bytes: Bytes) -> Result<(), ArchiveError> {
        let written = self.objects.put(&key.path(), PutPayload::from_bytes(bytes)).await;
        written.map_err(|error| ArchiveError::writing(key, &error))?;
        Ok(())
    }

    /// Begins a large object; it takes the place of one that is there once it is finished.
    pub(super) async fn upload(&self, key: Key) -> Result<Upload, ArchiveError> {
        let upload = self.objects.put_multipart(&key.path()).await;
        Ok(Upload::new(key, upload.map_err(|error| ArchiveError::writing(key, &error))?))
    }
}
