//! An election's archive, counted again by a reader that is not ours.

use std::path::Path;
use std::process::Command;

use pollster_integration::{PollView, Stack};
use serde_json::Value;

use super::files::{files, verified};
use super::polls::{archived, make_due};
use crate::python;
use crate::replay::{election, printed, replay};

/// Of each vote, random bytes that no compression makes fewer: 16 of the voter and 8 of the digest.
const IDS: u64 = 24;
/// What a vote may take beside them.
const BUDGET: u64 = 20;

/// What `recount.py` counts in the Parquet files of the poll.
fn recount(python: &Path, folder: &Path, poll: &PollView) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/archive/recount.py");
    let output = Command::new(python).arg(script).args(files(folder, poll)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_s_archive_counts_the_same_for_another_reader_and_is_small() {
    let (Some(file), Some(python)) = (election(), python::program("python")) else {
        eprintln!("skipped: the ballots are not beside the checkout, or pyarrow was not installed");
        return;
    };
    let stack = Stack::start().await;
    printed(replay(&stack, &file)).await;
    let database = stack.database().connect().await;
    database.execute("UPDATE polls SET closed_at = now()", &[]).await.unwrap();
    let slug: String = database.query_one("SELECT slug FROM polls", &[]).await.unwrap().get(0);
    let poll: PollView = stack.get(&format!("/api/v1/polls/{slug}")).await.json().unwrap();
    let results = stack.final_results(&poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
    assert_eq!(verified(&stack, &poll).await, 80_101);

    let recounted = recount(&python, &stack.archive_folder(), &poll);
    assert_eq!(recounted["rows"], 80_101);
    let counted = &results.questions[0];
    assert_eq!(recounted["responses"], counted.total_votes);
    let votes: Vec<u64> = counted.choices.iter().map(|choice| choice.votes).collect();
    assert_eq!(recounted["votes"], serde_json::json!(votes));

    let parquet = files(&stack.archive_folder(), &poll)
        .into_iter()
        .filter(|file| file.ends_with("responses-00000.parquet"));
    let bytes: u64 = parquet.map(|file| file.metadata().unwrap().len()).sum();
    let beside_ids = bytes.saturating_sub(IDS * 80_101);
    println!(
        "{bytes} bytes of Parquet, {:.2} a vote; {:.2} beside {IDS} bytes of ids",
        bytes as f64 / 80_101.0,
        bytes as f64 / 80_101.0 - IDS as f64,
    );
    assert!(beside_ids <= BUDGET * 80_101, "{beside_ids} bytes beside the ids");
}
