//! Logs: a JSON object a line, by which a request and its vote are found, and nobody who voted.

use hyper::Method;
use pollster_integration::{DEADLINE, Service, Stack, lunch, token, wait_until};
use serde_json::Value;

const JSON: (&str, &str) = ("content-type", "application/json");

/// The lines that a program logged.
fn lines(service: &Service) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    service.log().lines().map(line).collect()
}

/// Waits for a line that says this.
async fn line(service: &Service, message: &str) -> Value {
    wait_until(&format!("the line {message:?}"), DEADLINE, async || {
        lines(service).into_iter().find(|line| line["message"] == message)
    })
    .await
}

#[tokio::test]
async fn a_vote_is_found_in_the_log_by_its_request_s_id() {
    let stack = Stack::builder().without_background().env("RUST_LOG", "debug").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}/votes", poll.poll_id);
    let voter = token();
    let headers = [JSON, ("x-voter-token", voter.as_str()), ("x-request-id", "mine")];
    let ballot = String::from_utf8(poll.ballot(0, 0).to_vec()).unwrap();
    let reply = stack.request(Method::POST, &path, &headers, &ballot).await;
    let receipt: Value = reply.json().unwrap();
    let gateway = stack.gateway(0);
    let taken = line(gateway, "vote taken").await;
    assert_eq!(taken["span"]["request_id"], "mine");
    assert_eq!(taken["vote_id"], receipt["vote_id"]);
    assert_eq!(taken["poll_id"], poll.poll_id.to_string());
    let all = lines(gateway);
    let answered = all.iter().find(|line| line["span"]["request_id"] == "mine" && line["status"] == 202);
    assert!(answered.is_some_and(|line| line["route"] == "/api/v1/polls/{poll}/votes"), "{all:?}");
}

#[tokio::test]
async fn what_fails_is_logged_with_its_request_s_id_whatever_the_level() {
    let stack = Stack::builder().without_background().env("RUST_LOG", "warn").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let away = "ALTER TABLE poll_timeline RENAME TO away";
    stack.database().connect().await.batch_execute(away).await.unwrap();
    let path = format!("/api/v1/polls/{}/stats", poll.poll_id);
    let creator = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    let reply = stack.request(Method::GET, &path, &creator, "").await;
    assert_eq!(reply.status, 503);
    let failed = line(stack.gateway(0), "PostgreSQL failed").await;
    assert_eq!(failed["span"]["request_id"], reply.headers["x-request-id"].to_str().unwrap());
    assert_eq!(failed["level"], "WARN");
}

#[tokio::test]
async fn no_log_names_a_voter_an_address_or_a_secret() {
    let stack = Stack::builder().env("RUST_LOG", "debug").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (voter, other) = (token(), token());
    stack.accepted(&poll, &voter, Some("a-key-of-mine"), poll.ballot(0, 0)).await;
    stack.vote(&poll, &voter, None, poll.ballot(0, 1)).await;
    stack.vote(&poll, &other, None, "nonsense".into()).await;
    stack.assert_exact(&poll).await;
    stack.close(&poll).await;
    for service in [stack.gateway(0), stack.aggregator(0), stack.background()] {
        // All that it had to say.
        assert!(service.terminate().await.success());
        let log = service.log();
        assert!(log.lines().count() > 0 && !lines(service).is_empty());
        let secrets = [
            ("a voter", voter.as_str()),
            ("a voter", &other),
            ("a key", "a-key-of-mine"),
            ("a manage token", poll.manage_token.as_deref().unwrap()),
            ("the secret of hashes", pollster_integration::HASH_SECRET),
            ("the secret of tokens", "the token secret"),
        ];
        for (what, secret) in secrets {
            assert!(!log.contains(secret), "{what} in the log of {:?}:\n{log}", service.admin());
        }
    }
}
