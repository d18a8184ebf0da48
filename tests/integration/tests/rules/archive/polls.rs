//! Polls that are to be archived.

use std::time::Duration;

use pollster_integration::{DEADLINE, PollView, Stack, lunch, wait_until};
use tokio_postgres::Client;

/// Archiving a million rows by a program built for debugging, on a busy machine.
pub(crate) const ARCHIVING_TAKES: Duration = Duration::from_secs(240);

/// Random voters of the poll $1, their votes spread over both choices.
const RESPONSES: &str = "INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
    SELECT q.id, 1 << (n % 2)::int, hashtextextended(n::text, 0), now() - n * interval '1 millisecond', \
           gen_random_uuid(), p.month \
    FROM polls p JOIN questions q ON q.poll = p.id, generate_series(1, $2::bigint) AS n WHERE p.poll_id = $1";
const CHOICE_TALLIES: &str = "UPDATE choice_tallies t SET votes = \
    (SELECT count(*) FROM responses r WHERE r.question = t.question AND (r.choices >> t.position::int) & 1 = 1) \
    WHERE question IN (SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = $1)";
const QUESTION_TALLIES: &str = "UPDATE question_tallies t SET responses = \
    (SELECT count(*) FROM responses r WHERE r.question = t.question) \
    WHERE question IN (SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = $1)";
const POLL_TALLY: &str = "UPDATE poll_tallies t SET sealed = true, total_votes = \
    (SELECT sum(qt.responses) FROM questions q JOIN question_tallies qt ON qt.question = q.id WHERE q.poll = t.poll) \
    WHERE poll = (SELECT id FROM polls WHERE poll_id = $1)";
const FINAL: &str = "UPDATE polls SET closed_at = now(), closing_ids = array_fill('0-0'::text, ARRAY[shards::int]), \
    finalized_at = now(), closing_recorded_at = now() WHERE poll_id = $1";
const DUE: &str = "INSERT INTO archivals (poll, due_at) SELECT id, now() FROM polls WHERE poll_id = $1 \
    ON CONFLICT (poll) DO UPDATE SET due_at = excluded.due_at";

/// A poll whose results are final, with this many responses, as if they had been voted.
pub(crate) async fn final_poll(stack: &Stack, responses: i64) -> PollView {
    let poll = stack.create_poll(&lunch()).await;
    let database = stack.database().connect().await;
    database.execute(RESPONSES, &[&poll.poll_id, &responses]).await.unwrap();
    for statement in [CHOICE_TALLIES, QUESTION_TALLIES, POLL_TALLY, FINAL] {
        database.execute(statement, &[&poll.poll_id]).await.unwrap();
    }
    poll
}

/// Closes the poll, and waits until its results are final.
pub(crate) async fn close(stack: &Stack, poll: &PollView) {
    assert_eq!(stack.close(poll).await.status, 200);
    stack.final_results(poll).await;
}

/// Makes the poll due for the archive, also where a worker that died still holds it.
pub(crate) async fn make_due(stack: &Stack, poll: &PollView) {
    stack.database().connect().await.execute(DUE, &[&poll.poll_id]).await.unwrap();
}

/// Waits until the job has archived the poll.
pub(crate) async fn archived(stack: &Stack, poll: &PollView) {
    let database = stack.database().connect().await;
    wait_until("the poll is archived", ARCHIVING_TAKES, async || {
        is_archived(&database, poll).await.then_some(())
    })
    .await;
}

/// Whether the poll is archived.
pub(crate) async fn is_archived(database: &Client, poll: &PollView) -> bool {
    let archived =
        "SELECT archived_at IS NOT NULL, id IN (SELECT poll FROM archives) FROM polls WHERE poll_id = $1";
    let row = database.query_one(archived, &[&poll.poll_id]).await.unwrap();
    let (at, recorded): (bool, bool) = (row.get(0), row.get(1));
    assert_eq!(at, recorded, "recorded together");
    at
}

/// Waits until the job says why the poll is not archived, in words that hold `part`.
pub(crate) async fn put_off_because(stack: &Stack, poll: &PollView, part: &str) -> String {
    let database = stack.database().connect().await;
    let reason = "SELECT error FROM archivals JOIN polls ON id = poll WHERE poll_id = $1";
    let said = wait_until(&format!("the job says: {part}"), 2 * DEADLINE, async || {
        let row = database.query_opt(reason, &[&poll.poll_id]).await.unwrap();
        let said: Option<String> = row.and_then(|row| row.get(0));
        said.filter(|said| said.contains(part))
    })
    .await;
    assert!(!is_archived(&database, poll).await);
    said
}
