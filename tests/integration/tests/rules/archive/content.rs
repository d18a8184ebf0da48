//! What is in an archive, and what is not.

use hyper::Method;
use pollster_integration::{Stack, token};
use serde_json::json;

use super::files::{files, read, verified};
use super::polls::{archived, close, make_due};
use crate::changes::changeable;

#[tokio::test]
async fn changes_and_revokes_are_in_it() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(pollster_integration::lunch())).await;
    let (changed, revoked, first) = (token(), token(), token());
    for voter in [&changed, &revoked, &first] {
        stack.accepted(&poll, voter, None, poll.ballot(0, 0)).await;
    }
    let votes = poll.votes_path().to_string();
    let headers = |voter| [("content-type", "application/json"), ("x-voter-token", voter)];
    let other = poll.ballot(0, 1);
    let other = std::str::from_utf8(&other).unwrap();
    assert_eq!(stack.request(Method::PUT, &votes, &headers(&changed), other).await.status, 202);
    assert_eq!(stack.request(Method::DELETE, &votes, &headers(&revoked), "").await.status, 202);
    close(&stack, &poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;

    let content = read(&stack, &poll, &stack.archive_folder()).await;
    let mut latest: Vec<u64> = content.responses.iter().map(|event| event.choices.0).collect();
    latest.sort_unstable();
    assert_eq!(latest, [0b00, 0b01, 0b10]);
    let former: Vec<u64> = content.changes.iter().map(|event| event.choices.0).collect();
    assert_eq!(former, [0b01, 0b01]);
    assert!(
        content.responses.iter().chain(&content.changes).all(|event| event.order.is_some() && !event.refused)
    );
    assert_eq!(content.manifest.counts.total_votes, 2);
    assert_eq!(verified(&stack, &poll).await, 5);
}

#[tokio::test]
async fn neither_addresses_nor_who_made_the_poll_are_in_it() {
    let stack = Stack::start().await;
    let creator = stack.account("creator").await;
    let definition = json!({"title": "Lunch?", "questions": [{"text": "Where?", "choices": ["Thai", "Pizza"]}],
        "settings": {"voter_identity": "browser_and_address"}});
    let headers = [("content-type", "application/json"), creator.header()];
    let made = stack.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
    let poll: pollster_integration::PollView = made.json().unwrap();
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let close = format!("/api/v1/polls/{}/close", poll.poll_id);
    assert_eq!(stack.request(Method::POST, &close, &[creator.header()], "").await.status, 200);
    stack.final_results(&poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;

    let database = stack.database().connect().await;
    let address: i64 = database.query_one("SELECT address FROM responses", &[]).await.unwrap().get(0);
    let traces = [
        address.to_string().into_bytes(),
        address.to_be_bytes().to_vec(),
        address.to_le_bytes().to_vec(),
        b"127.0.0.1".to_vec(),
        b"creator".to_vec(),
        b"example.org".to_vec(),
        creator.subject.clone().into_bytes(),
    ];
    for file in files(&stack.archive_folder(), &poll) {
        let bytes = std::fs::read(&file).unwrap();
        let holds = |trace: &[u8]| bytes.windows(trace.len()).any(|window| window == trace);
        assert!(!traces.iter().any(|trace| holds(trace)), "{}", file.display());
        // Columns are named in the file: this one is not among them, however it may be packed.
        let is_manifest = file.extension().is_some_and(|extension| extension == "json");
        assert!(is_manifest || !holds(b"address"), "{}", file.display());
    }
}
