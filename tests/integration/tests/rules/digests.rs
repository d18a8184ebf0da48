//! Digests: who gets one, of what, and that it is one.

mod content;
mod once;

use hyper::Method;
use pollster_integration::{PollView, Stack, TestAccount, lunch};
use serde_json::{Value, json};

use crate::errors::JSON;

/// A poll on which accounts vote.
pub(crate) fn of_accounts() -> Value {
    let mut poll = lunch();
    poll["settings"] = json!({"voter_identity": "account"});
    poll
}

/// A poll of accounts with another title and settings besides.
fn titled(title: &str, settings: &Value) -> Value {
    let mut poll = of_accounts();
    poll["title"] = json!(title);
    for (name, value) in settings.as_object().unwrap() {
        poll["settings"][name] = value.clone();
    }
    poll
}

/// Changes an account's choices.
pub(crate) async fn choose(stack: &Stack, account: &TestAccount, choices: Value) {
    let body = json!({"notification_choices": choices}).to_string();
    let reply = stack.request(Method::PATCH, "/api/v1/me", &[JSON, account.header()], &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// Lets a poll have been made these days ago.
async fn made_days_ago(stack: &Stack, poll: &PollView, days: i32) {
    let age = "UPDATE polls SET created_at = created_at - make_interval(days => $2) WHERE poll_id = $1";
    let database = stack.database().connect().await;
    assert_eq!(database.execute(age, &[&poll.poll_id, &days]).await.unwrap(), 1);
}

/// Lets a poll have been closed these hours before today began.
async fn closed_before_today(stack: &Stack, poll: &PollView, hours: i32) {
    let close = "UPDATE polls SET closed_at = date_trunc('day', now(), 'UTC') - make_interval(hours => $2), \
                 created_at = created_at - interval '30 days' WHERE poll_id = $1";
    let database = stack.database().connect().await;
    assert_eq!(database.execute(close, &[&poll.poll_id, &hours]).await.unwrap(), 1);
}

/// Records the digests of the last whole period; returns what the command says.
async fn record(stack: &Stack, period: &str) -> Value {
    stack.run(&["digest", "--period", period, "--json"]).await.succeeded().json()
}

/// What an account was told of this type: the message and the data of each, the oldest first.
pub(crate) async fn told(stack: &Stack, account: &TestAccount, kind: &str) -> Vec<(String, Value)> {
    let select = "SELECT message, data::text FROM notifications n JOIN users u ON u.id = n.recipient \
                  WHERE u.subject = $1 AND n.type = $2 ORDER BY n.id";
    let database = stack.database().connect().await;
    let rows = database.query(select, &[&account.subject, &kind]).await.unwrap();
    rows.iter().map(|row| (row.get(0), serde_json::from_str(row.get(1)).unwrap())).collect()
}

/// The title, status and votes of each poll in an account's only digest.
async fn listed(stack: &Stack, account: &TestAccount) -> Vec<Value> {
    let told = told(stack, account, "digest").await;
    assert_eq!(told.len(), 1, "{told:?}");
    let polls = told[0].1["polls"].as_array().unwrap();
    polls.iter().map(|poll| json!([poll["title"], poll["status"], poll["total_votes"]])).collect()
}
