//! What the document shows as bodies: one poll, from its making to its results.

use serde_json::{Value, json};

const POLL: &str = "01983c5e-7a0f-7d20-8b4e-2f6d1c9e5a01";
const QUESTION: &str = "01983c5e-7a10-7c43-9d5e-5b1f0a6c2e01";
const THAI: &str = "01983c5e-7a10-7c43-9d5e-5b1f0a6c2e02";
const PIZZA: &str = "01983c5e-7a10-7c43-9d5e-5b1f0a6c2e03";
const VOTE: &str = "01983c60-1f3e-7b52-8c11-3c9a4b7d0f10";
const USER: &str = "01983c5a-11d2-7e5f-a0c3-7d1b9e4f6a01";
const EMAIL: &str = "ann@example.org";
const PASSWORD: &str = "correct horse battery";
const MAILED: &str = "0Zk3vQ7yT1mB9xR5";

/// A poll to be created.
pub(crate) fn draft() -> Value {
    json!({
        "title": "Lunch?",
        "description": "",
        "questions": [
            {"text": "Where?", "choices": ["Thai", "Pizza"], "min_choices": 1, "max_choices": 1},
        ],
        "starts_at": null,
        "ends_at": "2030-12-02T12:00:00Z",
        "settings": {"voter_identity": "browser", "result_visibility": "always", "allow_vote_change": false},
    })
}

fn poll(status: &str, closed_at: Option<&str>) -> Value {
    json!({
        "poll_id": POLL,
        "slug": "k7m2xq4w",
        "url": "https://pollster.example/p/k7m2xq4w",
        "title": "Lunch?",
        "description": "",
        "status": status,
        "created_at": "2030-12-01T09:15:00Z",
        "starts_at": null,
        "ends_at": "2030-12-02T12:00:00Z",
        "closed_at": closed_at,
        "settings": {
            "voter_identity": "browser",
            "result_visibility": "always",
            "allow_vote_change": false,
            "captcha": false,
            "verified_email": false,
        },
        "questions": [{
            "question_id": QUESTION,
            "text": "Where?",
            "min_choices": 1,
            "max_choices": 1,
            "choices": [{"choice_id": THAI, "text": "Thai"}, {"choice_id": PIZZA, "text": "Pizza"}],
        }],
    })
}

/// A poll just made.
pub(crate) fn created_poll() -> Value {
    let mut poll = poll("active", None);
    poll["manage_token"] = json!("5d0c6f3a9be14c7f8a2e0d4b6c1f7e93");
    poll
}

/// A poll as somebody reads it who has not voted.
pub(crate) fn read_poll() -> Value {
    poll("active", None)
}

/// A page of one's own polls.
pub(crate) fn poll_page() -> Value {
    json!({"polls": [read_poll()], "next_cursor": null})
}

/// A poll as a voter reads it.
pub(crate) fn voted_poll() -> Value {
    let mut poll = poll("active", None);
    poll["results"] = results();
    poll["voted"] = json!({QUESTION: [THAI]});
    poll
}

/// A poll just closed.
pub(crate) fn closed_poll() -> Value {
    poll("closed", Some("2030-12-01T12:00:00Z"))
}

/// A poll's results.
pub(crate) fn results() -> Value {
    json!({
        "poll_id": POLL,
        "version": 12,
        "total_votes": 3,
        "status": "active",
        "final": false,
        "questions": [{
            "question_id": QUESTION,
            "total_votes": 3,
            "choices": [
                {"choice_id": THAI, "text": "Thai", "votes": 2, "percentage": 66.7},
                {"choice_id": PIZZA, "text": "Pizza", "votes": 1, "percentage": 33.3},
            ],
        }],
    })
}

/// A poll's results as events, the first and a newer one.
pub(crate) fn events() -> Value {
    let event = |version, thai, pizza| {
        let results = json!({
            format!("choice:{THAI}"): thai,
            format!("choice:{PIZZA}"): pizza,
            format!("question:{QUESTION}"): thai + pizza,
        });
        let message = json!({
            "type": "results",
            "poll_id": POLL,
            "version": version,
            "total_votes": thai + pizza,
            "results": results,
        });
        format!("event: results\nid: {version}\ndata: {message}\n\n")
    };
    format!("retry: 3127\n\n{}{}", event(11, 1, 1), event(12, 2, 1)).into()
}

/// A vote's body.
pub(crate) fn vote() -> Value {
    json!({"question_id": QUESTION, "choice_ids": [THAI]})
}

/// A vote taken.
pub(crate) fn receipt() -> Value {
    json!({"vote_id": VOTE, "status": "accepted", "answers": [vote()]})
}

/// A revocation taken.
pub(crate) fn revocation() -> Value {
    json!({"vote_id": VOTE, "status": "accepted", "answers": [{"question_id": QUESTION, "choice_ids": []}]})
}

/// What became of it.
pub(crate) fn vote_status() -> Value {
    json!({"vote_id": VOTE, "status": "confirmed", "reason": null})
}

/// An account to be made.
pub(crate) fn registration() -> Value {
    json!({"email": EMAIL, "username": "ann", "password": PASSWORD})
}

/// An account just made.
pub(crate) fn account() -> Value {
    json!({
        "user_id": USER,
        "email": EMAIL,
        "username": "ann",
        "role": "user",
        "verified": false,
        "created_at": "2030-12-01T09:10:00Z",
    })
}

/// The account that asks.
pub(crate) fn me() -> Value {
    let mut me = account();
    me["subject"] = json!(USER);
    me["notifications"] = json!([]);
    me
}

/// The token of a mail.
pub(crate) fn verification() -> Value {
    json!({"token": MAILED})
}

/// Whose mail it is.
pub(crate) fn addressee() -> Value {
    json!({"email": EMAIL})
}

/// Another password.
pub(crate) fn password_change() -> Value {
    json!({"token": MAILED, "password": PASSWORD})
}

/// Who signs in.
pub(crate) fn credentials() -> Value {
    json!({"email": EMAIL, "password": PASSWORD})
}

/// What signing in gives.
pub(crate) fn session() -> Value {
    json!({"access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk4In0.c2lnbmF0dXJl", "token_type": "Bearer", "expires_in": 3600})
}

/// The beginning of the document itself.
pub(crate) fn document() -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "Pollster", "version": env!("CARGO_PKG_VERSION")}, "paths": {}})
}
