//! An archive as its files show it.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use pollster_integration::{PollView, Stack};
use pollster_shared::archive::{self, ArchiveConfig, Manifest, Store};
use pollster_shared::database;
use pollster_shared::polls::{self, PollName};
use pollster_shared::responses::{Relation, StoredEvent};

/// In the name of a file that is being written, or that a killed worker was writing.
pub(crate) const UNFINISHED: char = '#';

/// What the archive of a poll in `folder` holds.
pub(crate) struct Content {
    pub(crate) manifest: Manifest,
    pub(crate) responses: Vec<StoredEvent>,
    pub(crate) changes: Vec<StoredEvent>,
}

/// Reads the archive of the poll, which must be recorded.
pub(crate) async fn read(stack: &Stack, poll: &PollView, folder: &Path) -> Content {
    let pool = database::pool(stack.database().url(), 2).unwrap();
    let mut connection = pool.get().await.unwrap();
    let row = polls::find(&mut connection, &PollName::Id(poll.poll_id)).await.unwrap().unwrap().id;
    let recorded = archive::find(&mut connection, row).await.unwrap().expect("it is recorded");
    let config = ArchiveConfig { archive_url: format!("file://{}", folder.display()) };
    let store = Store::new(&config).unwrap();
    let manifest = archive::open(&store, poll.poll_id, &recorded).await.unwrap();
    let (responses, changes) = (Relation::Responses, Relation::Changes);
    let events = async |relation| -> Vec<StoredEvent> {
        let groups: Vec<Vec<_>> = archive::events(&store, &manifest, relation).try_collect().await.unwrap();
        groups.concat()
    };
    let (responses, changes) = (events(responses).await, events(changes).await);
    assert_eq!(recorded.rows, (responses.len() + changes.len()) as u64);
    let objects = files(folder, poll).into_iter().filter(|file| !file.to_string_lossy().contains(UNFINISHED));
    assert_eq!(recorded.bytes, objects.map(|file| file.metadata().unwrap().len()).sum::<u64>());
    Content { manifest, responses, changes }
}

/// The files of the poll's archive, by name.
pub(crate) fn files(folder: &Path, poll: &PollView) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder.join("polls").join(poll.poll_id.to_string())) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Their names.
pub(crate) fn names(folder: &Path, poll: &PollView) -> Vec<String> {
    let name = |file: PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
    files(folder, poll).into_iter().map(name).collect()
}

/// Checks by the command that the archive is whole; returns how many rows it holds.
pub(crate) async fn verified(stack: &Stack, poll: &PollView) -> u64 {
    let poll_id = poll.poll_id.to_string();
    let said = stack.run(&["verify-archive", "--poll", &poll_id, "--json"]).await.succeeded().json();
    said["rows"].as_u64().unwrap()
}
