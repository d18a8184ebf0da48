//! What comes after a poll is archived: its status, the removal of its responses, and their restoration.

mod months;
mod reads;
mod removal;
mod restore;

use std::path::PathBuf;

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Reply, Stack, wait_until};
use serde_json::Value;

/// Archives a poll that is closed.
pub(crate) async fn archive(stack: &Stack, poll: &PollView) {
    let database = stack.database().connect().await;
    wait_until("its results are final", DEADLINE, async || {
        let query = "SELECT finalized_at IS NOT NULL FROM polls WHERE poll_id = $1";
        database.query_one(query, &[&poll.poll_id]).await.unwrap().get::<_, bool>(0).then_some(())
    })
    .await;
    stack.run(&["archive", "--poll", &poll.poll_id.to_string()]).await.succeeded();
}

/// Makes the poll's archive older than every retention.
pub(crate) async fn expire(stack: &Stack, poll: &PollView) {
    let older = "UPDATE archives SET archived_at = now() - interval '10 years' \
                 WHERE poll = (SELECT id FROM polls WHERE poll_id = $1)";
    assert_eq!(stack.database().connect().await.execute(older, &[&poll.poll_id]).await.unwrap(), 1);
}

/// The object that holds the poll's responses.
fn object(stack: &Stack, poll: &PollView) -> PathBuf {
    stack.archive_folder().join(format!("polls/{}/responses-00000.parquet", poll.poll_id))
}

/// Whether a column of the poll's archive has a value.
async fn is_set(stack: &Stack, poll: &PollView, column: &str) -> bool {
    let query = format!(
        "SELECT coalesce(a.{column}::text, 'false') <> 'false' FROM archives a JOIN polls p ON p.id = a.poll \
         WHERE p.poll_id = $1"
    );
    stack.database().connect().await.query_one(&query, &[&poll.poll_id]).await.unwrap().get(0)
}

/// Waits until none of the poll's rows is in PostgreSQL any more.
async fn is_cleared(stack: &Stack, poll: &PollView) {
    wait_until("its responses are removed", DEADLINE, async || {
        is_set(stack, poll, "cleared_at").await.then_some(())
    })
    .await;
}

/// All that PostgreSQL holds of a poll's rows but their addresses: those of `responses`, those of
/// `response_changes`.
pub(crate) async fn rows(stack: &Stack, poll: &PollView) -> [Vec<String>; 2] {
    let database = stack.database().connect().await;
    let read = async |columns: &str, table: &str| {
        let query = format!(
            "SELECT ({columns})::text FROM {table} r JOIN questions q ON q.id = r.question \
             JOIN polls p ON p.id = q.poll WHERE p.poll_id = $1 ORDER BY 1"
        );
        let rows = database.query(&query, &[&poll.poll_id]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect::<Vec<String>>()
    };
    let shared = "r.question, r.voter, r.choices, r.digest, r.submitted_at, r.event_order";
    [
        read(&format!("{shared}, r.month, r.one_an_address"), "responses").await,
        read(&format!("{shared}, r.refused"), "response_changes").await,
    ]
}

/// Gives a poll of one question with two choices so many responses of the first choice, tallies and all.
pub(crate) async fn fill(stack: &Stack, poll: &PollView, number: i32) {
    let database = stack.database().connect().await;
    let filled = format!(
        "INSERT INTO responses (month, question, voter, choices, digest, submitted_at) \
         SELECT p.month, q.id, gen_random_uuid(), 1, n, now() FROM polls p JOIN questions q ON q.poll = p.id, \
                generate_series(1, {number}) n WHERE p.poll_id = '{id}'; \
         UPDATE poll_tallies SET total_votes = total_votes + {number}, version = version + 1 \
         WHERE poll = (SELECT id FROM polls WHERE poll_id = '{id}'); \
         UPDATE question_tallies SET responses = responses + {number} WHERE question = \
                (SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = '{id}'); \
         UPDATE choice_tallies SET votes = votes + {number} WHERE position = 0 AND question = \
                (SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = '{id}')",
        id = poll.poll_id
    );
    database.batch_execute(&filled).await.unwrap();
}

/// How a gateway answers who asks for the poll, as the voter of this token.
async fn read(stack: &Stack, poll: &PollView, voter: &str) -> Value {
    let path = format!("/api/v1/polls/{}", poll.poll_id);
    let reply: Reply = stack.request(Method::GET, &path, &[("x-voter-token", voter)], "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json().unwrap()
}

/// Waits until gateways say that the poll is archived.
async fn reads_archived(stack: &Stack, poll: &PollView) {
    wait_until("the poll reads archived", DEADLINE, async || {
        (stack.results(poll).await.status == "archived").then_some(())
    })
    .await;
}
