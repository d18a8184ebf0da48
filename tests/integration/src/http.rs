//! Requests that most tests send.

use bytes::Bytes;
use hyper::{Method, StatusCode};
use pollster_bench::client::{Client, PollView, Reply, ResultsView};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conformance::assert_documented;
use crate::stack::Stack;

/// A poll of one question with two choices.
pub fn lunch() -> Value {
    json!({"title": "Lunch?", "questions": [{"text": "Where?", "choices": ["Thai", "Pizza"]}]})
}

/// A poll of three questions; the last takes two or three of its four choices.
pub fn survey() -> Value {
    json!({"title": "Survey", "questions": [
        {"text": "One?", "choices": ["a", "b"]},
        {"text": "Two?", "choices": ["a", "b", "c"]},
        {"text": "Some?", "choices": ["a", "b", "c", "d"], "min_choices": 2, "max_choices": 3},
    ]})
}

/// A new browser's token.
pub fn token() -> String {
    Uuid::new_v4().to_string()
}

/// A ballot over several questions: the position of each, with the positions of the choices.
pub fn ballot(poll: &PollView, answers: &[(usize, &[usize])]) -> Bytes {
    let answer = |(question, choices): &(usize, &[usize])| {
        let question = &poll.questions[*question];
        let choice_ids: Vec<Uuid> =
            choices.iter().map(|choice| question.choices[*choice].choice_id).collect();
        json!({"question_id": question.question_id, "choice_ids": choice_ids})
    };
    json!({"answers": answers.iter().map(answer).collect::<Vec<_>>()}).to_string().into()
}

/// Sends a vote over `client`.
///
/// # Panics
/// When no answer comes, or one that is not documented.
pub async fn cast(
    client: &mut Client,
    poll: &PollView,
    token: &str,
    key: Option<&str>,
    ballot: Bytes,
) -> Reply {
    let mut headers = vec![("content-type", "application/json"), ("x-voter-token", token)];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    let path = poll.votes_path().to_string();
    let reply = client.request(Method::POST, &path, &headers, ballot.clone()).await;
    let reply = reply.expect("the vote is answered");
    assert_documented(&Method::POST, &path, &ballot, &reply);
    reply
}

impl Stack {
    /// Makes a poll.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_poll(&self, definition: &Value) -> PollView {
        let headers = [("content-type", "application/json")];
        let reply = self.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
        reply.expect(StatusCode::CREATED).and_then(|reply| reply.json()).expect("the poll is made")
    }

    /// Sends a vote to the first gateway over a new connection.
    pub async fn vote(&self, poll: &PollView, token: &str, key: Option<&str>, ballot: Bytes) -> Reply {
        cast(&mut self.client(0), poll, token, key, ballot).await
    }

    /// Sends a vote that must be accepted; returns its id.
    ///
    /// # Panics
    /// When it is not.
    pub async fn accepted(&self, poll: &PollView, token: &str, key: Option<&str>, ballot: Bytes) -> String {
        let reply = self.vote(poll, token, key, ballot).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        let vote: Value = reply.json().expect("JSON");
        assert_eq!(vote["status"], "accepted");
        vote["vote_id"].as_str().expect("a vote id").to_owned()
    }

    /// Sends a request to the first gateway over a new connection.
    ///
    /// # Panics
    /// When no answer comes, or one that is not documented.
    pub async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let reply = self.client(0).request(method.clone(), path, headers, body.clone()).await;
        let reply = reply.expect("an answer");
        assert_documented(&method, path, &body, &reply);
        reply
    }

    /// Reads a path of the first gateway.
    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path, &[], "").await
    }

    /// Closes a poll with its manage token.
    pub async fn close(&self, poll: &PollView) -> Reply {
        let token = poll.manage_token.as_deref().expect("made anonymously");
        let path = format!("/api/v1/polls/{}/close", poll.poll_id);
        self.request(Method::POST, &path, &[("x-manage-token", token)], "").await
    }

    /// A poll's results, from the first gateway.
    ///
    /// # Panics
    /// When they are not served.
    pub async fn results(&self, poll: &PollView) -> ResultsView {
        let reply = self.get(&format!("/api/v1/polls/{}/results", poll.poll_id)).await;
        reply.expect(StatusCode::OK).and_then(|reply| reply.json()).expect("results")
    }

    /// What became of a vote, as its voter is told.
    pub async fn vote_status(&self, poll: &PollView, token: &str, vote_id: &str) -> Reply {
        let path = format!("{}/{vote_id}", poll.votes_path());
        self.request(Method::GET, &path, &[("x-voter-token", token)], "").await
    }

    /// Waits until the results are final, and returns them.
    pub async fn final_results(&self, poll: &PollView) -> ResultsView {
        crate::wait_until("the results are final", crate::DEADLINE, async || {
            Some(self.results(poll).await).filter(|results| results.is_final)
        })
        .await
    }
}
