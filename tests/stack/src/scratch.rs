//! Folders for one test's servers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::StackError;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A new folder in the system's temporary one (`TMPDIR`), removed on drop. Declare it before the
/// servers that live in it, so that they end first.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder; `name` is a part of its name.
    ///
    /// # Errors
    /// The system's.
    pub fn new(name: &str) -> Result<Self, StackError> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("pollster-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(folder);
        // A process of the same id may have died with its folder here.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(StackError::io(format!("{}", path.display())))?;
        Ok(Self(path))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
