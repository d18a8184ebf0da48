//! The main job on real input: an election's ballots, each a voter of its own.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use pollster_integration::{Scratch, Stack, wait_until};
use pollster_stack::find_program;
use tokio::process::Command;

/// A replay of 80,101 ballots by programs built for debugging, on a busy machine.
const REPLAY_TAKES: Duration = Duration::from_secs(240);

/// The City of Minneapolis's cast vote record of 2013, beside the checkout; not part of the project.
pub(crate) fn election() -> Option<PathBuf> {
    let checkout = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = checkout.join("../shared/data/minneapolis-2013-mayor.csv.gz");
    file.is_file().then_some(file)
}

pub(crate) fn replay(stack: &Stack, file: &PathBuf) -> Command {
    let mut command = Command::new(find_program("pollster-replay").unwrap());
    command.arg(file).env("PUBLIC_URL", format!("http://{}", stack.gateway(0).address()));
    command.stdout(Stdio::piped()).kill_on_drop(true);
    command
}

/// What a replay prints; it must succeed.
pub(crate) async fn printed(command: Command) -> String {
    let mut command = command;
    let output = tokio::time::timeout(REPLAY_TAKES, command.output()).await.expect("in time").unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_is_counted_exactly_though_an_aggregator_dies_and_again_changes_nothing() {
    let Some(file) = election() else {
        eprintln!("skipped: the ballots of the election are not beside the checkout");
        return;
    };
    let stack = Stack::builder().aggregators(2).start().await;
    let first = tokio::spawn(printed(replay(&stack, &file)));

    let database = stack.database().connect().await;
    wait_until("half of the ballots are counted", REPLAY_TAKES, async || {
        let counted = database.query_one("SELECT sum(total_votes)::bigint FROM poll_tallies", &[]).await;
        counted.unwrap().get::<_, Option<i64>>(0).filter(|&counted| counted >= 40_000)
    })
    .await;
    stack.aggregator(0).kill().await;
    stack.aggregator(0).restart().await;

    let said = first.await.unwrap();
    assert_eq!(said.lines().last(), Some("80101 accepted, 80101 counted, 0 differences"), "{said}");

    let poll_id: uuid::Uuid =
        database.query_one("SELECT poll_id FROM polls", &[]).await.unwrap().get::<_, uuid::Uuid>(0);
    let mut again = replay(&stack, &file);
    again.arg("--poll").arg(poll_id.to_string());
    let said = printed(again).await;
    assert_eq!(said.lines().last(), Some("80101 accepted, 80101 counted, 0 differences"), "{said}");
    assert!(said.contains("Nothing changed"), "{said}");
}

#[tokio::test]
async fn a_replay_that_is_limited_says_what_to_do() {
    const ADVICE: &str = "VOTES_PER_MINUTE_PER_ADDRESS=0";
    let stack =
        Stack::builder().env("VOTES_PER_MINUTE_PER_ADDRESS", 60).env("POLLS_PER_HOUR", 1).start().await;
    let folder = Scratch::new("replay").unwrap();
    let file = folder.path().join("ballots.csv");
    std::fs::write(&file, format!("choice\n{}", "A\nB\n".repeat(31))).unwrap();

    // A little more than is let through at once.
    let output = replay(&stack, &file).output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains(ADVICE), "{said}");
    let output = replay(&stack, &file).output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains(ADVICE), "{said}");
}
