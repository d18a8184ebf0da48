//! What can go wrong with an export.

use crate::archive::ArchiveError;
use crate::database::DatabaseError;

/// Why an export is not complete.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The archive can't be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The poll was deleted.
    #[error("the poll was deleted")]
    Deleted,
    /// The responses were removed from PostgreSQL while they were read there.
    #[error("the responses were moved to the archive meanwhile: export them again")]
    Moved,
    /// Rows could not be encoded.
    #[error("a row could not be encoded: {0}")]
    Encoding(String),
}

impl From<::csv::Error> for ExportError {
    fn from(error: ::csv::Error) -> Self {
        Self::Encoding(error.to_string())
    }
}

impl From<serde_json::Error> for ExportError {
    fn from(error: serde_json::Error) -> Self {
        Self::Encoding(error.to_string())
    }
}

impl From<::parquet::errors::ParquetError> for ExportError {
    fn from(error: ::parquet::errors::ParquetError) -> Self {
        Self::Encoding(error.to_string())
    }
}
