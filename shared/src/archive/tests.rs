//! What is written is read back, and nothing else.

mod fuzz;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate};
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::*;
use crate::counts::{Counted, Counts};
use crate::poll::{Choice, Poll, Question, Settings};
use crate::responses::{Relation, StoredEvent};
use crate::vote::Choices;

/// A store in a folder that goes with it.
struct Bed {
    folder: PathBuf,
    store: Store,
}

impl Bed {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("pollster-archive-{}", Uuid::new_v4()));
        let config = ArchiveConfig { archive_url: format!("file://{}", folder.display()) };
        Self { store: Store::new(&config).unwrap(), folder }
    }

    /// Writes the row groups as one part each.
    async fn write(&self, relation: Relation, parts: &[&[&[StoredEvent]]]) -> Vec<Part> {
        let mut written = Vec::new();
        for (number, groups) in parts.iter().enumerate() {
            let key = Key::Part { poll_id: Uuid::nil(), relation, number: number as u32 };
            let mut part = PartWriter::begin(&self.store, key).await.unwrap();
            for group in *groups {
                part = part.write(group.to_vec()).await.unwrap();
            }
            let Fingerprint { bytes, sha256 } = part.finish().await.unwrap();
            let rows = groups.iter().map(|group| group.len() as u64).sum();
            written.push(Part { relation, key, rows, bytes, sha256 });
        }
        written
    }

    async fn read(&self, manifest: &Manifest, relation: Relation) -> Vec<Vec<StoredEvent>> {
        events(&self.store, manifest, relation).try_collect().await.unwrap()
    }

    fn path(&self, part: &Part) -> PathBuf {
        self.folder.join(part.key.to_string())
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn poll() -> Poll {
    let choice = |text: &str| Choice { choice_id: Uuid::now_v7(), text: text.to_owned() };
    let question = |id| Question {
        id,
        question_id: Uuid::now_v7(),
        text: "Which?".to_owned(),
        min_choices: 1,
        max_choices: 2,
        choices: vec![choice("A"), choice("B")],
    };
    Poll {
        id: 1,
        poll_id: Uuid::nil(),
        slug: "poll".to_owned(),
        title: "Poll".to_owned(),
        description: String::new(),
        settings: Settings::default(),
        shards: 8,
        month: NaiveDate::default(),
        created_at: DateTime::UNIX_EPOCH,
        starts_at: None,
        ends_at: None,
        questions: vec![question(1), question(2)],
    }
}

fn event(question: u8, voter: u128, choices: u64) -> StoredEvent {
    StoredEvent {
        question,
        voter: Uuid::from_u128(voter << 64 | 7),
        choices: Choices(choices),
        digest: -(voter as i64),
        submitted_at: DateTime::from_timestamp_micros(1_700_000_000_123_456 + voter as i64).unwrap(),
        order: None,
        refused: false,
    }
}

fn manifest(responses: &[StoredEvent], parts: Vec<Part>) -> Manifest {
    let poll = poll();
    let mut results = std::collections::BTreeMap::new();
    for question in &poll.questions {
        results.insert(Counted::Question(question.question_id), 0);
        results.extend(question.choices.iter().map(|choice| (Counted::Choice(choice.choice_id), 0)));
    }
    for event in responses.iter().filter(|event| !event.choices.is_empty()) {
        let question = &poll.questions[usize::from(event.question)];
        *results.get_mut(&Counted::Question(question.question_id)).unwrap() += 1;
        for choice_id in question.choice_ids(event.choices) {
            *results.get_mut(&Counted::Choice(choice_id)).unwrap() += 1;
        }
    }
    let counts = Counts {
        poll_id: poll.poll_id,
        version: 1,
        total_votes: 0,
        closed: true,
        finalized: true,
        archived: false,
        deleted: false,
        results,
    };
    Manifest::new(poll, DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH, counts, parts)
}

fn responses() -> Vec<StoredEvent> {
    let tombstone = StoredEvent { order: Some(1 << 60), ..event(1, 3, 0) };
    vec![event(0, 1, 1), event(0, 2, 3), event(1, 1, 2), tombstone, event(1, u128::from(u64::MAX), 1)]
}

#[tokio::test]
async fn rows_are_read_back_as_they_were_written_by_row_group_and_part() {
    let (bed, rows) = (Bed::new(), responses());
    let changed = StoredEvent { order: Some(-5), refused: true, ..event(0, 1, 2) };
    let mut parts = bed.write(Relation::Responses, &[&[&rows[..2], &rows[2..3]], &[&rows[3..]]]).await;
    parts.extend(bed.write(Relation::Changes, &[&[&[changed]]]).await);
    let manifest = manifest(&rows, parts);
    let read = bed.read(&manifest, Relation::Responses).await;
    assert_eq!(read, [&rows[..2], &rows[2..3], &rows[3..]]);
    assert_eq!(bed.read(&manifest, Relation::Changes).await, [[changed]]);
    let mut count = 0;
    verify(&bed.store, &manifest, |rows| count += rows).await.unwrap();
    assert_eq!((count, manifest.rows(), manifest.rows_of(Relation::Changes)), (6, 6, 1));
}

#[tokio::test]
async fn the_same_rows_are_the_same_bytes_whenever_they_are_written() {
    let (bed, rows) = (Bed::new(), responses());
    let first = bed.write(Relation::Responses, &[&[&rows]]).await;
    assert_eq!(bed.write(Relation::Responses, &[&[&rows]]).await, first);
    let manifest = manifest(&rows, first);
    let written = manifest.write(&bed.store).await.unwrap();
    assert_eq!(manifest.write(&bed.store).await.unwrap(), written);
}

#[tokio::test]
async fn no_flipped_byte_passes_verification_nor_makes_a_reader_panic() {
    let (bed, rows) = (Bed::new(), responses());
    let parts = bed.write(Relation::Responses, &[&[&rows[..3], &rows[3..]]]).await;
    let path = bed.path(&parts[0]);
    let manifest = manifest(&rows, parts);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        std::fs::write(&path, &damaged).unwrap();
        let verified = verify(&bed.store, &manifest, |_| {}).await;
        assert!(matches!(verified, Err(ArchiveError::Damaged { .. })), "byte {at}: {verified:?}");
        // Whether it is seen without the hash depends on the byte.
        let _: Result<Vec<_>, _> = events(&bed.store, &manifest, Relation::Responses).try_collect().await;
    }
}

#[tokio::test]
async fn a_cut_a_missing_and_a_miscounted_part_are_told_apart() {
    let (bed, rows) = (Bed::new(), responses());
    let parts = bed.write(Relation::Responses, &[&[&rows]]).await;
    let path = bed.path(&parts[0]);
    let whole = manifest(&rows, parts.clone());
    let miscounted = manifest(&rows[1..], parts);
    let error = verify(&bed.store, &miscounted, |_| {}).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Miscounted { .. }), "{error}");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let error = verify(&bed.store, &whole, |_| {}).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
    std::fs::remove_file(&path).unwrap();
    let error = verify(&bed.store, &whole, |_| {}).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Missing(_)), "{error}");
}

#[tokio::test]
async fn doubled_rows_do_not_pass_for_an_archive() {
    let bed = Bed::new();
    let rows = [event(0, 1, 1), event(0, 1, 1)];
    let parts = bed.write(Relation::Responses, &[&[&rows]]).await;
    let verified = verify(&bed.store, &manifest(&rows, parts), |_| {}).await;
    assert!(verified.unwrap_err().to_string().contains("doubled"));
}

#[tokio::test]
async fn a_manifest_is_opened_only_with_its_recorded_hash() {
    let bed = Bed::new();
    let manifest = manifest(&[], Vec::new());
    let written = manifest.write(&bed.store).await.unwrap();
    let mut recorded = Recorded {
        manifest_sha256: written.sha256,
        rows: 0,
        bytes: written.bytes,
        archived_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        held: false,
    };
    assert_eq!(open(&bed.store, manifest.poll.poll_id, &recorded).await.unwrap(), manifest);
    recorded.manifest_sha256 = Hash::of(b"another");
    let error = open(&bed.store, manifest.poll.poll_id, &recorded).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
    bed.store.remove(manifest.poll.poll_id).await.unwrap();
    let error = open(&bed.store, manifest.poll.poll_id, &recorded).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Missing(_)), "{error}");
    bed.store.remove(manifest.poll.poll_id).await.unwrap();
}

#[tokio::test]
async fn a_manifest_of_a_format_to_come_is_refused_as_such() {
    let bed = Bed::new();
    let poll_id = Uuid::nil();
    let json = br#"{"format": 2, "what": "is to come"}"#;
    bed.store.write(Key::Manifest { poll_id }, bytes::Bytes::from_static(json)).await.unwrap();
    let recorded = Recorded {
        manifest_sha256: Hash::of(json),
        rows: 0,
        bytes: 0,
        archived_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        held: false,
    };
    let error = open(&bed.store, poll_id, &recorded).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Newer { format: 2, .. }), "{error}");
}
