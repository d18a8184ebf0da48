//! Many voters who change their minds at once, over many connections, while aggregators die.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::future::join_all;
use hyper::Method;
use pollster_integration::{Client, DEADLINE, PollView, Stack, token, wait_until};
use serde_json::json;

use super::changeable;

const VOTERS: usize = 200;
const CHANGES: usize = 20;
const CONNECTIONS: usize = 4;
const CHOICES: usize = 3;

/// What a voter's accepted events amount to: the choice, `None` once revoked; and how many there were.
struct Voted {
    last: Option<usize>,
    events: usize,
}

/// Casts, then changes and revokes in turn, each event over another connection, the next one only after the
/// last was answered: the last accepted one is the one that counts.
async fn change_often(stack: &Stack, poll: &PollView, number: usize) -> Voted {
    let voter = token();
    let path = poll.votes_path().to_string();
    let mut clients: Vec<_> = (0..CONNECTIONS).map(|gateway| stack.client(gateway % 2)).collect();
    let mut voted = Voted { last: None, events: 0 };
    for change in 0..=CHANGES {
        let key = change.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("x-voter-token", voter.as_str()),
            ("idempotency-key", key.as_str()),
        ];
        // Every seventh event is a revoke, where there is something to revoke.
        let revokes = (number + change).is_multiple_of(7) && voted.last.is_some();
        let choice = (number + change) % CHOICES;
        let (method, body) = match revokes {
            true => (Method::DELETE, Bytes::new()),
            false if change == 0 => (Method::POST, poll.ballot(0, choice)),
            false => (Method::PUT, poll.ballot(0, choice)),
        };
        let client = &mut clients[change % CONNECTIONS];
        taken(client, method, &path, &headers, body).await;
        voted.last = (!revokes).then_some(choice);
        voted.events += 1;
    }
    voted
}

/// Sends an event until it is taken: a 503 says that its outcome is unknown, and to send it again as it is.
async fn taken(client: &mut Client, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) {
    wait_until("an event is taken", DEADLINE, async || {
        let reply = client.request(method.clone(), path, headers, body.clone()).await.unwrap();
        assert!([202, 503].contains(&reply.status.as_u16()), "{}", reply.text());
        (reply.status == 202).then_some(())
    })
    .await;
}

async fn kill_twice(stack: &Stack) {
    for number in 0..2 {
        let aggregator = stack.aggregator(number);
        // In the middle of it: once it holds entries that it has not acknowledged.
        wait_until("entries are in hand", DEADLINE, async || (stack.pending().await > 0).then_some(())).await;
        aggregator.kill().await;
        aggregator.restart().await;
    }
}

#[tokio::test]
async fn the_last_accepted_event_of_each_voter_counts_while_aggregators_die() {
    let stack = Stack::builder().gateways(2).aggregators(2).env("CLAIM_IDLE_MS", 300).start().await;
    let question = json!({"text": "Where?", "choices": ["a", "b", "c"]});
    let poll = stack.create_poll(&changeable(json!({"title": "Minds", "questions": [question]}))).await;
    let voters = join_all((0..VOTERS).map(|number| change_often(&stack, &poll, number)));
    let (voted, ()) = tokio::join!(voters, kill_twice(&stack));

    let counts = stack.assert_exact(&poll).await;
    let mut expected: HashMap<usize, i64> = HashMap::new();
    voted.iter().filter_map(|voted| voted.last).for_each(|choice| *expected.entry(choice).or_default() += 1);
    for (position, choice) in poll.questions[0].choices.iter().enumerate() {
        let counted = counts.results[&format!("choice:{}", choice.choice_id)];
        assert_eq!(counted, expected.get(&position).copied().unwrap_or(0), "choice {position}");
    }
    assert_eq!(counts.total, voted.iter().filter(|voted| voted.last.is_some()).count() as i64);
    assert_every_event_is_audited(&stack, &voted).await;
}

/// The audit view has every accepted event once, each from where the one before it led.
async fn assert_every_event_is_audited(stack: &Stack, voted: &[Voted]) {
    let database = stack.database().connect().await;
    let rows = database
        .query("SELECT kind, old_choices, new_choices, voter::text FROM vote_audit_log ORDER BY voter, event_order", &[])
        .await
        .unwrap();
    assert_eq!(rows.len(), voted.iter().map(|voted| voted.events).sum::<usize>());
    let mut last: HashMap<String, Option<i64>> = HashMap::new();
    for row in &rows {
        let (kind, old, new): (String, Option<i64>, Option<i64>) = (row.get(0), row.get(1), row.get(2));
        let before = last.insert(row.get(3), new).flatten();
        assert_eq!(before, old);
        let expected = match (old, new) {
            (None, Some(_)) => "cast",
            (Some(_), Some(_)) => "changed",
            (_, None) => "revoked",
        };
        assert_eq!(kind, expected);
    }
    let refused: i64 =
        database.query_one("SELECT count(*) FROM response_changes WHERE refused", &[]).await.unwrap().get(0);
    assert_eq!(refused, 0);
}
