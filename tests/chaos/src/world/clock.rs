//! A clock that can be set while its program runs: Debian's `faketime` between the program and the system's.

use std::path::{Path, PathBuf};

/// Debian has a folder here for each architecture.
const LIBRARIES: &str = "/usr/lib";
/// For programs with threads.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// The clock of one program.
#[derive(Debug)]
pub(super) struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// One that is right so far, with its file in `folder`. `None` where `faketime` is not installed.
    pub(super) fn new(folder: &Path) -> Option<Self> {
        let libraries = std::fs::read_dir(LIBRARIES).ok()?.flatten();
        let library = libraries.map(|entry| entry.path().join(LIBRARY)).find(|path| path.is_file())?;
        let clock = Self { library, file: folder.join("clock") };
        clock.set(0);
        Some(clock)
    }

    /// Has it be wrong by so many seconds, within a second.
    pub(super) fn set(&self, seconds: i64) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{seconds:+}\n")).expect("the clock's file is written");
        // At once: its reader takes a half-written file for another time.
        std::fs::rename(&new, &self.file).expect("the clock's file is replaced");
    }

    /// What its program is started with.
    pub(super) fn env(&self) -> [(String, String); 4] {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            // Timers go by it, also those of real machines whose clock is set.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }
}
