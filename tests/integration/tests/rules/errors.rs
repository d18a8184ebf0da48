//! Bad requests: what is refused, how, and that nothing comes of it. Polls and ballots have files of their own.

use hyper::{Method, StatusCode};
use pollster_integration::{DEADLINE, Reply, Stack, lunch, token};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// Holds an error against the form that all have.
pub(crate) fn assert_problem(what: &str, reply: &Reply, status: u16, code: &str) -> Value {
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (status, Some(code)), "{what}");
    assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
    let problem: Value = reply.json().unwrap();
    assert_eq!(problem["status"], status, "{what}");
    for member in ["type", "title", "detail"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{what}: {member}");
    }
    let request_id = problem["request_id"].as_str().unwrap_or_default();
    assert!(!request_id.is_empty(), "{what}");
    assert_eq!(reply.headers["x-request-id"], request_id, "{what}");
    problem
}

pub(crate) fn fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
}

pub(crate) async fn polls(stack: &Stack) -> i64 {
    let database = stack.database().connect().await;
    database.query_one("SELECT count(*) FROM polls", &[]).await.unwrap().get(0)
}

pub(crate) async fn post(stack: &Stack, path: &str, body: &str) -> Reply {
    stack.request(Method::POST, path, &[JSON], body).await
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    for name in [Uuid::now_v7().to_string(), "no-such-slug".to_owned(), "%00".to_owned(), "x".repeat(2000)] {
        for path in ["", "/results", &format!("/votes/{}", Uuid::now_v7())] {
            let path = format!("/api/v1/polls/{name}{path}");
            let reply = stack.request(Method::GET, &path, &[("x-voter-token", &token())], "").await;
            assert_problem(&path, &reply, 404, "poll_not_found");
        }
        let headers = [JSON, ("x-voter-token", &token())];
        let body = String::from_utf8(poll.ballot(0, 0).to_vec()).unwrap();
        let vote = stack.request(Method::POST, &format!("/api/v1/polls/{name}/votes"), &headers, &body).await;
        assert_problem("a vote", &vote, 404, "poll_not_found");
        let headers = [("x-manage-token", "mine")];
        let close = stack.request(Method::POST, &format!("/api/v1/polls/{name}/close"), &headers, "").await;
        assert_problem("a close", &close, 404, "poll_not_found");
    }
    for path in ["/api/v1/nothing", "/api/v1/polls/a/b/c/d", "/api/v2/polls", "/api/metrics"] {
        assert_problem(path, &post(&stack, path, "").await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_method_that_is_not_served_names_those_that_are() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}", poll.poll_id);
    for (method, path, allowed) in [
        (Method::PATCH, path.clone(), "GET"),
        (Method::PUT, "/api/v1/polls".to_owned(), "POST"),
        (Method::GET, format!("{path}/close"), "POST"),
        (Method::GET, format!("{path}/votes"), "POST"),
        (Method::POST, format!("{path}/results"), "GET"),
        (Method::POST, "/livez".to_owned(), "GET"),
    ] {
        let reply = stack.request(method.clone(), &path, &[], "").await;
        assert_problem(&format!("{method} {path}"), &reply, 405, "method_not_allowed");
        let allow = reply.headers["allow"].to_str().unwrap();
        assert!(allow.split(", ").any(|served| served == allowed), "{method} {path}: {allow}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let megabyte = json!({"title": "x".repeat(1024 * 1024)}).to_string();
    assert_problem("a poll", &post(&stack, "/api/v1/polls", &megabyte).await, 413, "too_large");
    assert_problem(
        "a vote",
        &stack.vote(&poll, &token(), None, megabyte.clone().into()).await,
        413,
        "too_large",
    );
    assert_eq!(polls(&stack).await, 1);
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_request_id_of_the_client_is_kept() {
    let stack = Stack::start().await;
    let headers = [("x-request-id", "mine-1")];
    let reply = stack.request(Method::GET, "/api/v1/polls/none", &headers, "").await;
    let problem = assert_problem("its own id", &reply, 404, "poll_not_found");
    assert_eq!(problem["request_id"], "mine-1");
    let good = stack.get("/livez").await.expect(StatusCode::OK).unwrap();
    assert!(!good.headers["x-request-id"].is_empty());
}

/// Reads from the connection until the text is there.
async fn read_until(stream: &mut TcpStream, text: &str) {
    let mut answer = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&answer).contains(text) {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "the connection ended before {text}");
        }
    };
    tokio::time::timeout(DEADLINE, reading).await.expect(text);
}

#[tokio::test]
async fn a_request_refused_before_its_body_came_keeps_its_connection() {
    let stack = Stack::start().await;
    let mut stream = TcpStream::connect(stack.gateway(0).address()).await.unwrap();
    for (path, code) in [("/api/v1/polls/none/votes", "poll_not_found"), ("/api/nowhere", "not_found")] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        read_until(&mut stream, code).await;
        stream.write_all(b"0123456789GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        read_until(&mut stream, "{\"alive\":true}").await;
    }
}
