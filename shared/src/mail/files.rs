//! Mails as files.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use lettre::Message;
use uuid::Uuid;

use crate::config::StartError;

/// A folder of `.eml` files whose names are in the order of their making. They hold what lets into accounts,
/// and are nobody else's to read.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder, which is made with the first mail.
    pub(super) fn new(path: &Path) -> Result<Self, StartError> {
        if path.exists() && !path.is_dir() {
            return Err(StartError::setting("MAIL_FOLDER", "takes a folder, and this is something else"));
        }
        Ok(Self(path.to_owned()))
    }

    pub(super) async fn write(&self, message: &Message) -> io::Result<()> {
        let (folder, content) = (self.0.clone(), message.formatted());
        let written = tokio::task::spawn_blocking(move || write(&folder, &content));
        written.await.map_err(io::Error::other)?
    }
}

/// Whole or not at all, for whoever looks.
fn write(folder: &Path, content: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let name = folder.join(format!("{}.eml", Uuid::now_v7()));
    let unfinished = name.with_extension("new");
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?.write_all(content)?;
    fs::rename(unfinished, name)
}
