//! A file that is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A file being written: under another name beside it, until it is complete. Dropped before, it leaves nothing.
#[derive(Debug)]
pub(crate) struct PartialFile {
    file: File,
    written_as: PathBuf,
    path: PathBuf,
}

impl PartialFile {
    /// Begins the file at `path`; one that is there stays until the new one is complete.
    ///
    /// # Errors
    /// Where no file can be made there, or something is there that is none.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let is_other = fs::metadata(path).is_ok_and(|there| !there.is_file());
        let name =
            path.file_name().filter(|_| !is_other).ok_or_else(|| io::Error::other("it is not a file"))?;
        let written_as = path.with_file_name(format!(".{}.{}.part", name.display(), Uuid::new_v4().simple()));
        let file = File::create_new(&written_as)?;
        Ok(Self { file, written_as, path: path.to_owned() })
    }

    /// Puts the file, all of which was written, in its place.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn complete(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.written_as, &self.path)
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // Not there any more once it is complete.
        let _ = fs::remove_file(&self.written_as);
    }
}
