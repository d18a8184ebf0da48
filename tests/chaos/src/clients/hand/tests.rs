use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::Value;

use super::*;

fn told(status: u16, body: &Value) -> Answer {
    let status = StatusCode::from_u16(status).unwrap();
    read(Ok(Reply { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) }))
}

#[test]
fn a_receipt_says_whether_the_vote_counts_already() {
    let vote_id = Uuid::new_v4();
    for (status, word, confirmed) in [(202, "accepted", false), (200, "confirmed", true)] {
        let answer = told(status, &json!({"vote_id": vote_id, "status": word, "answers": []}));
        assert_eq!(answer, Answer::Accepted { vote_id, confirmed });
    }
    assert!(told(202, &json!({})).is_unknown());
}

#[test]
fn an_error_says_whether_anything_may_have_been_done() {
    for (status, code, is_unknown) in [
        (409, "already_voted", false),
        (422, "idempotency_mismatch", false),
        (503, "overloaded", false),
        (503, "unavailable", true),
        (500, "internal", true),
    ] {
        let answer = told(status, &json!({"code": code}));
        assert_eq!(answer.is_unknown(), is_unknown, "{code}");
        assert!(answer.to_string().contains(code), "{answer}");
    }
}

#[test]
fn without_an_answer_the_outcome_is_unknown_unless_nothing_was_sent() {
    assert!(read(Err(ClientError::TimedOut { seconds: 3.0 })).is_unknown());
    let source = std::io::Error::other("refused");
    assert_eq!(read(Err(ClientError::Connect { host: "gateway".to_owned(), source })), Answer::NotSent);
}
