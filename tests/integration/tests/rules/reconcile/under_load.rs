//! Votes come, change and go while counts are held against each other.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use pollster_integration::{PollView, Stack, lunch, token};
use pollster_shared::shutdown::Shutdown;
use serde_json::json;
use tokio::task::JoinSet;

use super::{found, plant};
use crate::faults::load::{Load, assert_all_counted};

const PASSES: usize = 12;
const VOTERS: usize = 6;

/// Voters of a poll that allows changes, who cast, change and revoke on and on.
struct Waverers {
    end: Shutdown,
    voters: JoinSet<()>,
}

impl Waverers {
    fn start(stack: &Stack, poll: &PollView) -> Self {
        let end = Shutdown::new();
        let mut voters = JoinSet::new();
        for number in 0..VOTERS {
            let (mut client, poll, end) = (stack.client(0), poll.clone(), end.clone());
            let path = poll.votes_path().to_string();
            voters.spawn(async move {
                while !end.is_cancelled() {
                    let voter = token();
                    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
                    for (method, choice) in [
                        (Method::POST, Some(number % 2)),
                        (Method::PUT, Some((number + 1) % 2)),
                        (Method::DELETE, None),
                        (Method::PUT, Some(number % 2)),
                    ] {
                        let body = choice.map_or_else(Bytes::new, |choice| poll.ballot(0, choice));
                        let reply = client.request(method, &path, &headers, body).await.unwrap();
                        assert!([202, 503].contains(&reply.status.as_u16()), "{}", reply.text());
                    }
                }
            });
        }
        Self { end, voters }
    }

    async fn end(mut self) {
        self.end.cancel();
        while let Some(voter) = self.voters.join_next().await {
            voter.unwrap();
        }
    }
}

/// A poll that allows changes.
async fn changeable(stack: &Stack) -> PollView {
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true});
    stack.create_poll(&definition).await
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_move_are_never_taken_for_wrong() {
    let stack = Stack::builder().aggregators(2).start().await;
    let (poll, wavering) = (stack.create_poll(&lunch()).await, changeable(&stack).await);
    let load = Load::start(&stack, &poll, VOTERS, Duration::ZERO);
    let waverers = Waverers::start(&stack, &wavering);
    load.goes_on(50).await;
    for pass in 0..PASSES {
        let before = load.accepted();
        let arguments: &[&str] =
            if pass % 2 == 0 { &["reconcile", "--json"] } else { &["reconcile", "--fix", "--json"] };
        let ran = stack.run(arguments).await.succeeded();
        let result = ran.json();
        assert_eq!((found(&ran), &result["rebuilt"], &result["failed"]), (vec![], &json!([]), &json!([])));
        assert!(result["responses"].as_i64().unwrap() > 0);
        load.goes_on(20).await;
        assert!(load.accepted() > before);
    }
    waverers.end().await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    stack.assert_exact(&wavering).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_put_right_exactly_while_votes_go_on() {
    let stack = Stack::builder().aggregators(2).start().await;
    let (poll, wavering) = (stack.create_poll(&lunch()).await, changeable(&stack).await);
    let load = Load::start(&stack, &poll, VOTERS, Duration::ZERO);
    let waverers = Waverers::start(&stack, &wavering);
    for _ in 0..3 {
        load.goes_on(50).await;
        for poll in [&poll, &wavering] {
            plant(&stack, poll, super::tallies::CHOICE).await;
            plant(&stack, poll, super::tallies::TOTAL).await;
        }
        let fixed = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
        let mut amounts: Vec<i64> =
            found(&fixed).iter().map(|(.., expected, found, _)| found - expected).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, [4, 4, 5, 5], "{fixed:?}");
    }
    waverers.end().await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    stack.assert_exact(&wavering).await;
}
