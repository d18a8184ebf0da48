//! How an archived poll reads.

use hyper::Method;
use pollster_integration::{PollView, Stack, lunch, token};
use serde_json::{Value, json};

use super::{archive, read, reads_archived};
use crate::errors::assert_problem;

#[tokio::test]
async fn an_archived_poll_reads_so_everywhere_and_takes_no_votes() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let headers = [ada.header(), ("content-type", "application/json")];
    let made = stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await;
    let poll: PollView = made.json().unwrap();
    let voter = token();
    let vote_id = stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    let close = format!("/api/v1/polls/{}/close", poll.poll_id);
    assert_eq!(stack.request(Method::POST, &close, &[ada.header()], "").await.status, 200);
    let closed = stack.final_results(&poll).await;
    let results = format!("/api/v1/polls/{}/results", poll.poll_id);
    let etag = stack.get(&results).await.headers["etag"].to_str().unwrap().to_owned();

    archive(&stack, &poll).await;
    reads_archived(&stack, &poll).await;
    let archived = stack.results(&poll).await;
    assert_eq!((archived.total_votes, archived.is_final), (1, true));
    assert!(archived.version > closed.version);
    let known = [("if-none-match", etag.as_str())];
    assert_eq!(stack.request(Method::GET, &results, &known, "").await.status, 200);
    let view = read(&stack, &poll, &voter).await;
    assert_eq!(view["status"], "archived");
    assert_eq!(view["results"]["status"], "archived");
    assert!(view["closed_at"].is_string());
    // Its responses are still there to be asked for.
    assert_eq!(
        view["voted"][poll.questions[0].question_id.to_string()],
        json!([poll.questions[0].choices[1].choice_id])
    );
    let status: Value = stack.vote_status(&poll, &voter, &vote_id).await.json().unwrap();
    assert_eq!(status["status"], "confirmed");
    for (status, polls) in [("archived", 1), ("closed", 0), ("", 1)] {
        let list = format!("/api/v1/polls?mine=true&status={status}");
        let page: Value = stack.request(Method::GET, &list, &[ada.header()], "").await.json().unwrap();
        assert_eq!(page["polls"].as_array().unwrap().len(), polls, "{status}");
        assert!(page["polls"].as_array().unwrap().iter().all(|poll| poll["status"] == "archived"));
    }
    assert_problem("a vote", &stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await, 409, "poll_closed");
    // A retry gets its first answer, as before.
    assert_eq!(stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 1)).await, vote_id);
}

#[tokio::test]
async fn results_that_were_shown_at_the_close_are_shown_once_archived() {
    let stack = Stack::start().await;
    let mut draft = lunch();
    draft["settings"] = json!({"result_visibility": "after_close"});
    let poll = stack.create_poll(&draft).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.close(&poll).await;
    archive(&stack, &poll).await;
    reads_archived(&stack, &poll).await;
    assert_eq!(stack.results(&poll).await.total_votes, 1);
    assert_eq!(read(&stack, &poll, &token()).await["results"]["total_votes"], 1);
}
