//! What the document shows as bodies: one poll, from its making to its results.

use serde_json::{Value, json};

const POLL: &str = "01983c5e-7a0f-7d20-8b4e-2f6d1c9e5a01";
const QUESTION: &str = "01983c5e-7a10-7c43-9d5e-5b1f0a6c2e01";
const THAI: &str = "01983c5e-7a10-7c43-9d5e-5b1f0a6c2e02";
const PIZZA: &str = "01983c5e-7a10-7c43-9d5e-5b1f0a6c2e03";
const VOTE: &str = "01983c60-1f3e-7b52-8c11-3c9a4b7d0f10";
const WEBHOOK: &str = "01983c66-3e52-7a1c-b0d4-6f2e8a1c5d01";
const HOOK: &str = "https://hooks.example.org/polls";
const USER: &str = "01983c5a-11d2-7e5f-a0c3-7d1b9e4f6a01";
const NOTIFICATION: &str = "01983c61-5d08-7a11-bc3f-4e2d7f9a8b21";
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
        "settings": {
            "voter_identity": "browser",
            "result_visibility": "always",
            "allow_vote_change": false,
            "milestones": [50, 200],
        },
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
            "milestones": [50, 200],
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
    poll["manages"] = json!(true);
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

/// A poll's votes over time: the second voter of the first minute changed to pizza in the third.
pub(crate) fn stats() -> Value {
    json!({
        "poll_id": POLL,
        "minutes": [
            {"at": "2030-12-01T09:16:00Z", "votes": {THAI: 2}},
            {"at": "2030-12-01T09:18:00Z", "votes": {THAI: -1, PIZZA: 1}},
        ],
        "next_from": null,
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

/// A vote counted at once.
pub(crate) fn confirmed() -> Value {
    json!({"vote_id": VOTE, "status": "confirmed", "answers": [vote()]})
}

/// A revocation taken.
pub(crate) fn revocation() -> Value {
    json!({"vote_id": VOTE, "status": "accepted", "answers": [{"question_id": QUESTION, "choice_ids": []}]})
}

/// What became of it.
pub(crate) fn vote_status() -> Value {
    json!({"vote_id": VOTE, "status": "confirmed", "reason": null})
}

/// A webhook to be made.
pub(crate) fn webhook_draft() -> Value {
    json!({"url": HOOK})
}

fn webhook() -> Value {
    json!({"webhook_id": WEBHOOK, "url": HOOK, "created_at": "2030-12-01T09:20:00Z"})
}

/// A webhook just made.
pub(crate) fn created_webhook() -> Value {
    let mut webhook = webhook();
    webhook["secret"] = json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=");
    webhook
}

/// The webhooks of a poll.
pub(crate) fn webhooks() -> Value {
    json!({"webhooks": [webhook()]})
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
    me["notification_choices"] =
        json!({"email": true, "milestones": true, "closings": false, "digest": "weekly", "nudges": false});
    me["notifications"] = json!([{
        "notification_id": NOTIFICATION,
        "type": "milestone",
        "poll_id": POLL,
        "message": "Lunch? has 100 votes.",
        "created_at": "2030-12-01T11:42:00Z",
        "read_at": "2030-12-01T11:45:00Z",
    }]);
    me
}

/// What the account changes of itself.
pub(crate) fn me_change() -> Value {
    json!({"notification_choices": {"closings": false, "digest": "weekly"}, "read": [NOTIFICATION]})
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

/// Responses as CSV.
pub(crate) fn csv_export() -> Value {
    let header = "submitted_at,question_id,question,choice_ids,choices,voter";
    format!("{header}\r\n2030-12-01T09:20:00.000000Z,{QUESTION},Where?,{THAI},Thai,\r\n").into()
}

/// Responses as JSON lines.
pub(crate) fn json_export() -> Value {
    let row = json!({
        "submitted_at": "2030-12-01T09:20:00Z",
        "question_id": QUESTION,
        "question": "Where?",
        "choice_ids": [THAI],
        "choices": ["Thai"],
        "voter": null,
    });
    format!("{row}\n").into()
}
