//! `verify-archive` finds what is not as it was archived, and says which object it is.

use std::path::Path;

use pollster_integration::{PollView, Stack};

use super::files::{names, verified};
use super::polls::{archived, final_poll, make_due};

/// An archived poll of 100 responses.
async fn archive_of(stack: &Stack) -> PollView {
    let poll = final_poll(stack, 100).await;
    make_due(stack, &poll).await;
    archived(stack, &poll).await;
    poll
}

/// Damage is found, and told in words that hold each of `parts`.
async fn found(stack: &Stack, poll: &PollView, parts: &[&str]) {
    let poll_id = poll.poll_id.to_string();
    let ran = stack.run(&["verify-archive", "--poll", &poll_id, "--json"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(parts.iter().all(|part| ran.stderr.contains(part)), "{parts:?} in {}", ran.stderr);
}

fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[at] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_flipped_byte_a_cut_and_a_missing_object_are_found() {
    let stack = Stack::start().await;
    let poll = archive_of(&stack).await;
    let objects = stack.archive_folder().join("polls").join(poll.poll_id.to_string());
    assert_eq!(names(&stack.archive_folder(), &poll).len(), 2);
    for name in ["responses-00000.parquet", "manifest.json"] {
        let file = objects.join(name);
        let whole = std::fs::read(&file).unwrap();
        for at in [5, whole.len() / 2, whole.len() - 10] {
            flip(&file, at);
            found(&stack, &poll, &[name, "is damaged", "SHA-256"]).await;
            flip(&file, at);
        }
        std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
        found(&stack, &poll, &[name, "is damaged"]).await;
        std::fs::remove_file(&file).unwrap();
        found(&stack, &poll, &[name, "is not in the archive's storage"]).await;
        std::fs::write(&file, &whole).unwrap();
        assert_eq!(verified(&stack, &poll).await, 100);
    }
}

#[tokio::test]
async fn a_wrong_count_and_a_poll_that_is_not_archived_are_found() {
    let stack = Stack::start().await;
    let poll = archive_of(&stack).await;
    let database = stack.database().connect().await;
    let plant = "UPDATE choice_tallies SET votes = votes + 1 WHERE position = 1";
    database.execute(plant, &[]).await.unwrap();
    let choice = format!("choice:{} is 51 instead of 50", poll.questions[0].choices[1].choice_id);
    found(&stack, &poll, &["PostgreSQL's tallies", &choice]).await;
    let other = final_poll(&stack, 1).await;
    found(&stack, &other, &["is not archived"]).await;
    let nobody = stack.run(&["verify-archive", "--poll", "no-such-poll"]).await;
    assert!(
        nobody.code == 1 && nobody.stderr.contains("no poll with the id or slug no-such-poll"),
        "{nobody:?}"
    );
}
