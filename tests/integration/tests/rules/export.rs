//! Exports: what is in them, in every form; who gets them; and what becomes of those that can't be finished.

mod archived;
mod broken;
mod command;
mod download;
mod large;
mod managers;
mod moving;
mod rows;
mod trail;

use std::fmt::Write as _;

use hyper::{Method, StatusCode};
use pollster_integration::{PollView, Reply, Stack, ballot, token};
use serde_json::{Value, json};

use rows::{csv_rows, json_rows, parquet_rows};

/// A poll whose texts are what exports may trip over.
fn awkward() -> Value {
    json!({
        "title": "Awkward",
        "questions": [
            {"text": "=HYPERLINK(\"https://example.org\")", "choices": ["+1", "a, b", "Où ça? 日本 ☃"]},
            {"text": "Two\nlines; \"quoted\"", "choices": ["-x", "@y", "'z", "w"], "max_choices": 3},
        ],
        "settings": {"allow_vote_change": true},
    })
}

fn path(poll: &PollView, query: &str) -> String {
    format!("/api/v1/polls/{}/export?{query}", poll.poll_id)
}

/// An export, by the poll's manage token.
async fn export(stack: &Stack, poll: &PollView, query: &str) -> Reply {
    let headers = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    let reply = stack.request(Method::GET, &path(poll, query), &headers, "").await;
    reply.expect(StatusCode::OK).unwrap()
}

/// Sends a vote of one kind: `POST` casts, `PUT` changes, `DELETE` revokes.
async fn send(stack: &Stack, method: Method, poll: &PollView, voter: &str, answers: &[(usize, &[usize])]) {
    let headers = [("content-type", "application/json"), ("x-voter-token", voter)];
    let body = match method {
        Method::DELETE => String::new(),
        _ => String::from_utf8(ballot(poll, answers).to_vec()).unwrap(),
    };
    let reply = stack.request(method, &poll.votes_path().to_string(), &headers, &body).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
}

/// Votes that are cast, changed, revoked and cast again.
async fn vote(stack: &Stack, poll: &PollView) {
    let [stays, changes, leaves, returns] = std::array::from_fn(|_| token());
    send(stack, Method::POST, poll, &stays, &[(0, &[2]), (1, &[0, 1, 3])]).await;
    send(stack, Method::POST, poll, &changes, &[(0, &[0]), (1, &[2])]).await;
    send(stack, Method::PUT, poll, &changes, &[(0, &[1])]).await;
    send(stack, Method::PUT, poll, &changes, &[(0, &[0])]).await;
    send(stack, Method::POST, poll, &leaves, &[(0, &[0])]).await;
    send(stack, Method::DELETE, poll, &leaves, &[]).await;
    send(stack, Method::POST, poll, &returns, &[(0, &[1])]).await;
    send(stack, Method::DELETE, poll, &returns, &[]).await;
    send(stack, Method::POST, poll, &returns, &[(0, &[2])]).await;
    stack.drained().await;
}

/// `rows` responses to a poll's first question by as many voters, put into PostgreSQL past all else.
async fn fill(stack: &Stack, poll: &PollView, rows: u32) {
    let mut statement = String::from("BEGIN; ");
    let voter = "('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid";
    write!(
        statement,
        "INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
         SELECT q.id, 1 + n % 2, n, now() + n * interval '1 microsecond', {voter}, p.month \
         FROM polls p JOIN questions q ON q.poll = p.id AND q.position = 0, generate_series(1, {rows}) n \
         WHERE p.poll_id = '{}'; COMMIT",
        poll.poll_id
    )
    .unwrap();
    stack.database().connect().await.batch_execute(&statement).await.unwrap();
}

/// The responses as the database has them, in the order of an export.
async fn stored(stack: &Stack, poll: &PollView) -> Vec<Value> {
    let select = "SELECT (extract(epoch FROM r.submitted_at) * 1000000)::bigint, q.question_id, q.text, \
                         array_agg(c.choice_id ORDER BY c.position), array_agg(c.text ORDER BY c.position) \
                  FROM responses r JOIN questions q ON q.id = r.question JOIN polls p ON p.id = q.poll \
                  JOIN choices c ON c.question = q.id AND (r.choices >> c.position::int) & 1 = 1 \
                  WHERE p.poll_id = $1 GROUP BY 1, 2, 3, q.position, r.voter ORDER BY q.position, r.voter";
    let rows = stack.database().connect().await.query(select, &[&poll.poll_id]).await.unwrap();
    let row = |row: &tokio_postgres::Row| {
        json!({
            "submitted_at": row.get::<_, i64>(0),
            "question_id": row.get::<_, uuid::Uuid>(1),
            "question": row.get::<_, String>(2),
            "choice_ids": row.get::<_, Vec<uuid::Uuid>>(3),
            "choices": row.get::<_, Vec<String>>(4),
            "voter": null,
        })
    };
    rows.iter().map(row).collect()
}

#[tokio::test]
async fn every_form_holds_what_each_voter_answered_in_the_end() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    vote(&stack, &poll).await;
    let expected = stored(&stack, &poll).await;
    assert_eq!(expected.len(), 5, "a revoked answer is none");
    let form = async |name: &str| export(&stack, &poll, &format!("format={name}")).await.body;
    assert_eq!(csv_rows(&form("csv").await), expected);
    assert_eq!(json_rows(&form("json").await), expected);
    assert_eq!(parquet_rows(form("parquet").await), expected);
}

#[tokio::test]
async fn csv_has_crlf_and_runs_nothing() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    vote(&stack, &poll).await;
    let csv = export(&stack, &poll, "format=csv").await.text();
    let (header, rows) = csv.split_once("\r\n").unwrap();
    assert_eq!(header, "submitted_at,question_id,question,choice_ids,choices,voter");
    assert!(rows.ends_with(",\r\n"), "no voter is named: {rows}");
    for quoted in
        ["\"'=HYPERLINK(\"\"https://example.org\"\")\"", "\"Two\nlines; \"\"quoted\"\"\"", ",'-x; '@y; w,"]
    {
        assert!(rows.contains(quoted), "{quoted} in {rows}");
    }
}

#[tokio::test]
async fn an_export_is_an_attachment_that_nobody_keeps() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    for (query, content_type, name) in [
        ("format=csv", "text/csv; charset=utf-8; header=present", ".csv"),
        ("format=json", "application/x-ndjson", ".jsonl"),
        ("format=parquet&audit=false", "application/vnd.apache.parquet", ".parquet"),
        ("format=csv&audit=true", "text/csv; charset=utf-8; header=present", "-audit.csv"),
    ] {
        let headers = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
        for method in [Method::GET, Method::HEAD] {
            let reply = stack.request(method, &path(&poll, query), &headers, "").await;
            assert_eq!(reply.status, 200);
            assert_eq!(reply.headers["content-type"], content_type);
            assert_eq!(reply.headers["cache-control"], "private, no-store");
            let attachment = format!("attachment; filename=\"{}{name}\"", poll.slug);
            assert_eq!(reply.headers["content-disposition"], attachment.as_str());
        }
    }
}

#[tokio::test]
async fn a_poll_without_votes_has_an_export_without_rows() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    for audit in ["", "&audit=true"] {
        let form = async |name: &str| export(&stack, &poll, &format!("format={name}{audit}")).await.body;
        assert_eq!(csv_rows(&form("csv").await), Vec::<Value>::new());
        assert_eq!(form("json").await, "");
        assert_eq!(parquet_rows(form("parquet").await), Vec::<Value>::new());
    }
}
