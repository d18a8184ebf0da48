use super::*;

#[test]
fn a_message_answers_the_vote_that_it_names() {
    let vote_id = Uuid::new_v4();
    let receipt = |status: &str| json!({"type": "vote_accepted", "request_id": "a", "vote_id": vote_id, "status": status});
    assert_eq!(read(receipt("accepted"), "a"), Some(Answer::Accepted { vote_id, confirmed: false }));
    assert_eq!(read(receipt("confirmed"), "a"), Some(Answer::Accepted { vote_id, confirmed: true }));
    assert_eq!(read(receipt("accepted"), "b"), None);
    assert_eq!(read(json!({"type": "results", "poll_id": vote_id}), "a"), None);
}

#[test]
fn an_error_says_whether_anything_may_have_been_done() {
    let error = |code: &str| read(json!({"type": "error", "request_id": "a", "code": code}), "a").unwrap();
    assert!(!error("already_voted").is_unknown() && !error("overloaded").is_unknown());
    assert_eq!(error("unauthenticated"), Answer::NotSent);
    assert!(error("unavailable").is_unknown() && error("internal").is_unknown());
}
