//! Exports of polls whose responses are in the archive only.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use pollster_integration::{PollView, Scratch, Stack, lunch};
use pollster_shared::archive::{ArchiveConfig, Fingerprint, Key, Manifest, Part, PartWriter, Store};
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::responses::{Relation, StoredEvent, stored};
use pollster_shared::{database, tallies};

use super::download::Download;
use super::{awkward, export, fill, vote};

/// Puts the poll's responses into the archive, in objects of `rows` rows each, and removes them from PostgreSQL.
async fn archive(stack: &Stack, poll: &PollView, rows: usize) -> Manifest {
    stack.close(poll).await;
    stack.final_results(poll).await;
    let pool = database::pool(stack.database().url(), 2).unwrap();
    let mut connection = pool.get().await.unwrap();
    let name = PollName::Id(poll.poll_id);
    let poll = Arc::new(polls::find(&mut connection, &name).await.unwrap().unwrap());
    let archive_url = format!("file://{}", stack.archive_folder().display());
    let store = Store::new(&ArchiveConfig { archive_url }).unwrap();
    let mut parts = Vec::new();
    for relation in Relation::ALL {
        let mut after = None;
        for number in 0.. {
            let events = stored(&mut connection, &poll, relation, after, rows).await.unwrap();
            let Some(last) = events.last() else { break };
            after = Some(last.position());
            parts.push(write(&store, &poll, relation, number, events).await);
        }
    }
    let counts = tallies::read(&mut connection, &[poll.poll_id]).await.unwrap().remove(0);
    let state = polls::state(&mut connection, poll.poll_id).await.unwrap().unwrap();
    let (closed_at, finalized_at) = (state.closed_at.unwrap(), state.finalized_at.unwrap());
    let manifest = Manifest::new((*poll).clone(), closed_at, finalized_at, counts, parts);
    let written = manifest.write(&store).await.unwrap();
    remove(stack, &poll, written, &manifest).await;
    manifest
}

async fn write(
    store: &Store,
    poll: &Poll,
    relation: Relation,
    number: u32,
    events: Vec<StoredEvent>,
) -> Part {
    let key = Key::Part { poll_id: poll.poll_id, relation, number };
    let rows = events.len() as u64;
    let writer = PartWriter::begin(store, key).await.unwrap().write(events).await.unwrap();
    let Fingerprint { bytes, sha256 } = writer.finish().await.unwrap();
    Part { relation, key, rows, bytes, sha256 }
}

async fn remove(stack: &Stack, poll: &Poll, written: Fingerprint, manifest: &Manifest) {
    let key = Key::Manifest { poll_id: poll.poll_id }.to_string();
    let insert = "INSERT INTO archives (poll, manifest_key, manifest_sha256, rows, bytes, removed_at) \
                  VALUES ($1, $2, $3, $4, $5, now())";
    let (rows, bytes) = (manifest.rows() as i64, manifest.bytes() as i64);
    let mut database = stack.database().connect().await;
    let transaction = database.transaction().await.unwrap();
    let sha256 = written.sha256.0.to_vec();
    transaction.execute(insert, &[&poll.id, &key, &sha256, &rows, &bytes]).await.unwrap();
    for table in ["responses", "response_changes"] {
        let delete =
            format!("DELETE FROM {table} WHERE question IN (SELECT id FROM questions WHERE poll = $1)");
        transaction.execute(&delete, &[&poll.id]).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn an_export_is_the_same_byte_for_byte_once_the_responses_are_in_the_archive() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    vote(&stack, &poll).await;
    let exports = async || -> Vec<Bytes> {
        let mut exports = Vec::new();
        for form in ["csv", "json", "parquet"] {
            for audit in [false, true] {
                exports.push(export(&stack, &poll, &format!("format={form}&audit={audit}")).await.body);
            }
        }
        exports
    };
    let before = exports().await;
    archive(&stack, &poll, 2).await;
    let database = stack.database().connect().await;
    let left = "SELECT (SELECT count(*) FROM responses) + (SELECT count(*) FROM response_changes)";
    assert_eq!(database.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert_eq!(exports().await, before);
    let printed = stack.run(&["export", "--poll", &poll.slug, "--format", "csv", "--audit"]).await;
    assert_eq!(printed.succeeded().stdout, before[1]);
}

#[tokio::test]
async fn an_archive_that_misses_an_object_gives_no_whole_export() {
    const ROWS: u32 = 20_000;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    fill(&stack, &poll, ROWS).await;
    let manifest = archive(&stack, &poll, ROWS as usize / 2).await;
    let whole = Download::start(&stack, &poll, "format=csv").await.finish().await.unwrap();
    assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), ROWS as usize + 1);

    let scratch = Scratch::new("export").unwrap();
    let file = scratch.path().join("export.csv");
    let args = ["export", "--poll", &poll.slug, "--format", "csv", "--output", file.to_str().unwrap()];
    let object = |number: usize| stack.archive_folder().join(manifest.parts[number].key.to_string());
    std::fs::remove_file(object(1)).unwrap();
    let mut download = Download::start(&stack, &poll, "format=csv").await;
    assert_eq!(download.status(), StatusCode::OK, "there is a beginning");
    assert!(download.finish().await.is_err());
    let ran = stack.run(&args).await;
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(&manifest.parts[1].key.to_string()), "{}", ran.stderr);

    std::fs::remove_file(object(0)).unwrap();
    let refused = Download::start(&stack, &poll, "format=csv").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stack.run(&args).await.code, 1);
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "no file is left");
}
