//! Where an export goes.

use std::io::{self, Stdout, Write};
use std::path::{Path, PathBuf};

use pollster_shared::archive::Hash;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::partial_file::PartialFile;

/// A file, or standard output.
#[derive(Debug)]
pub(super) enum Sink {
    Stdout(Stdout),
    File { partial: PartialFile, path: PathBuf, bytes: u64, sha256: Sha256 },
}

/// A file that was written.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    pub(super) file: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: Hash,
}

impl Sink {
    /// The file at `path`, or standard output.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout(io::stdout())) };
        let partial = PartialFile::create(path)?;
        Ok(Self::File { partial, path: path.to_owned(), bytes: 0, sha256: Sha256::new() })
    }

    pub(super) fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(chunk),
            Self::File { partial, bytes, sha256, .. } => {
                *bytes += chunk.len() as u64;
                sha256.update(chunk);
                partial.write_all(chunk)
            }
        }
    }

    /// Completes it; what is known of a file.
    pub(super) fn close(self) -> io::Result<Option<Written>> {
        match self {
            Self::Stdout(mut stdout) => {
                stdout.flush()?;
                Ok(None)
            }
            Self::File { partial, path, bytes, sha256 } => {
                partial.complete()?;
                Ok(Some(Written { file: path, bytes, sha256: Hash(sha256.finalize().into()) }))
            }
        }
    }
}
