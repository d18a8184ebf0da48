//! Responses that move while they are exported.

use std::fmt::Write as _;
use std::sync::Arc;

use pollster_integration::{PollView, Stack, lunch};
use pollster_shared::archive::{ArchiveConfig, Store};
use pollster_shared::database;
use pollster_shared::export::{Export, ExportError, Format, Selection, Sources};
use pollster_shared::polls::{self, PollName};
use pollster_shared::vote::HashSecret;
use serde_json::{Value, json};

use super::json_rows;
use crate::changes::changeable;

/// More than one page.
const ROWS: u32 = 3000;
/// Says that the responses are in the archive only, and removes them.
const REMOVE: &str = "\
    INSERT INTO archives (poll, manifest_key, manifest_sha256, rows, bytes, removed_at) \
    SELECT id, 'key', decode(repeat('00', 32), 'hex'), 3000, 1, now() FROM polls; \
    DELETE FROM responses";

/// An export of the poll as JSON, begun.
async fn open(stack: &Stack, poll: &PollView, audit: bool) -> Export {
    let pool = database::pool(stack.database().url(), 2).unwrap();
    let name = PollName::Id(poll.poll_id);
    let poll = polls::find(&mut pool.get().await.unwrap(), &name).await.unwrap().unwrap();
    let archive_url = format!("file://{}", stack.archive_folder().display());
    let archive = Store::new(&ArchiveConfig { archive_url }).unwrap();
    let selection = Selection { format: Format::Json, audit };
    let secret = HashSecret::new("a secret of the tests");
    Export::open(&Sources { pool, archive }, &Arc::new(poll), selection, &secret).await.unwrap()
}

/// The rest of the export.
async fn finish(mut export: Export) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = export.next().await? {
        bytes.extend(chunk);
    }
    Ok(bytes)
}

async fn execute(stack: &Stack, statement: &str) {
    stack.database().connect().await.batch_execute(statement).await.unwrap();
}

/// The voter of this number.
fn voter(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// Responses of the first `ROWS` voters, cast under order 1.
async fn cast(stack: &Stack, poll: &PollView) {
    super::fill(stack, poll, ROWS).await;
    execute(stack, "UPDATE responses SET event_order = 1").await;
}

/// Moves the event of this voter to the log and puts a later one in its place, as a commit does.
fn change(number: u32) -> String {
    let voter = voter(number);
    let mut statement = String::new();
    let columns = "question, choices, digest, submitted_at, address, event_order, voter";
    write!(
        statement,
        "INSERT INTO response_changes ({columns}, refused) \
         SELECT {columns}, false FROM responses WHERE voter = '{voter}'; \
         UPDATE responses SET event_order = event_order + 1, choices = 3 - choices WHERE voter = '{voter}';"
    )
    .unwrap();
    statement
}

#[tokio::test]
async fn a_vote_that_changes_while_its_trail_is_read_keeps_all_its_events() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    cast(&stack, &poll).await;
    // A change far behind: what is read of the log together with the first page reaches to it.
    execute(&stack, &change(2900)).await;
    let mut export = open(&stack, &poll, true).await;
    let mut bytes = export.next().await.unwrap().unwrap().to_vec();
    let (read, unread) = (5, 2500);
    execute(&stack, &[change(read), change(unread)].concat()).await;
    bytes.extend(finish(export).await.unwrap());

    let rows = json_rows(&bytes);
    let kinds = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!((kinds("cast"), kinds("changed")), (ROWS as usize, 2));
    let changed: Vec<&Value> = rows.iter().filter(|row| row["kind"] == "changed").collect();
    for row in changed {
        let options = [json!(["Thai"]), json!(["Pizza"])];
        assert!(options.contains(&row["old_choices"]) && options.contains(&row["new_choices"]), "{row}");
        assert_ne!(row["old_choices"], row["new_choices"]);
    }
}

#[tokio::test]
async fn responses_that_are_removed_while_they_are_read_are_no_whole_export() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    for audit in [false, true] {
        cast(&stack, &poll).await;
        let mut export = open(&stack, &poll, audit).await;
        export.next().await.unwrap().unwrap();
        execute(&stack, REMOVE).await;
        assert!(matches!(finish(export).await, Err(ExportError::Moved)));
        execute(&stack, "DELETE FROM archives").await;

        cast(&stack, &poll).await;
        let mut export = open(&stack, &poll, audit).await;
        export.next().await.unwrap().unwrap();
        execute(&stack, "UPDATE polls SET deleted_at = now(); DELETE FROM responses").await;
        assert!(matches!(finish(export).await, Err(ExportError::Deleted)));
        execute(&stack, "UPDATE polls SET deleted_at = NULL").await;
    }
}
