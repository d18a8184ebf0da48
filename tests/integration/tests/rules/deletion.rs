//! The end of a poll that is deleted: gone for everybody at once, and soon without a trace.

mod gone;
mod removed;
mod viewers;
mod who;

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Reply, Stack, wait_until};

/// Deletes a poll at the first gateway, with its manage token.
async fn delete(stack: &Stack, poll: &PollView) -> Reply {
    let token = poll.manage_token.as_deref().expect("made anonymously");
    delete_as(stack, poll, &[("x-manage-token", token)]).await
}

async fn delete_as(stack: &Stack, poll: &PollView, headers: &[(&str, &str)]) -> Reply {
    stack.request(Method::DELETE, &format!("/api/v1/polls/{}", poll.poll_id), headers, "").await
}

/// Whether PostgreSQL has the poll's row still.
async fn has_row(stack: &Stack, poll: &PollView) -> bool {
    let database = stack.database().connect().await;
    let query = "SELECT EXISTS (SELECT FROM polls WHERE poll_id = $1)";
    database.query_one(query, &[&poll.poll_id]).await.unwrap().get(0)
}

/// Waits until nothing is left of the poll in PostgreSQL.
async fn is_removed(stack: &Stack, poll: &PollView) {
    wait_until("the poll is removed", DEADLINE, async || (!has_row(stack, poll).await).then_some(())).await;
}
