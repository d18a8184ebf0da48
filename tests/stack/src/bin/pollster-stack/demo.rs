//! A poll to look at, and how to vote in it.

use serde_json::{Value, json};

use crate::http;
use crate::paths::Paths;
use crate::say::say;
use crate::settings::Settings;

/// Prints where the stack is and how to vote. A demo poll that can't be made is said, and is no error: the
/// stack itself is up.
pub(crate) fn show(paths: &Paths, settings: &Settings) {
    let base = settings.get("PUBLIC_URL").unwrap_or_default();
    say(format_args!("\nPollster is ready: {base}"));
    match poll(paths, settings) {
        Ok(poll) => show_poll(base, &poll),
        Err(why) => say(format_args!("No demo poll: {why}")),
    }
}

/// The one of an earlier run, if it still takes votes; else a new one.
fn poll(paths: &Paths, settings: &Settings) -> Result<Value, String> {
    let address = http::local_address(settings.get("LISTEN").unwrap_or_default());
    let remembered = std::fs::read_to_string(paths.demo_poll()).unwrap_or_default();
    if let Some(id) = serde_json::from_str(&remembered).ok().and_then(|poll: Value| text(&poll["poll_id"])) {
        let answer = http::get(&address, &format!("/api/v1/polls/{id}"));
        let known = answer.ok().filter(|answer| answer.status == 200);
        let poll: Option<Value> = known.and_then(|answer| serde_json::from_str(&answer.body).ok());
        if let Some(poll) = poll.filter(|poll| poll["status"] == "active") {
            return Ok(poll);
        }
    }
    let question = json!({"text": "Where?", "choices": ["Thai", "Pizza", "Salad"]});
    let definition = json!({"title": "Lunch?", "questions": [question]}).to_string();
    let answer = http::post(&address, "/api/v1/polls", &definition).map_err(|error| error.to_string())?;
    if answer.status != 201 {
        return Err(format!("the gateway answers {} {}", answer.status, answer.body));
    }
    // With its manage token, which is told only now.
    std::fs::write(paths.demo_poll(), &answer.body).map_err(|error| error.to_string())?;
    serde_json::from_str(&answer.body).map_err(|error| error.to_string())
}

fn show_poll(base: &str, poll: &Value) {
    let id = text(&poll["poll_id"]).unwrap_or_default();
    let question = &poll["questions"][0];
    let ballot = json!({
        "question_id": question["question_id"],
        "choice_ids": [question["choices"][0]["choice_id"]],
    });
    say(format_args!("Demo poll:         {}", text(&poll["url"]).unwrap_or_default()));
    say(format_args!("The same as data:  curl {base}/api/v1/polls/{id}"));
    say(format_args!(
        "Vote:              curl -X POST {base}/api/v1/polls/{id}/votes -H 'Content-Type: application/json' \
         -H \"X-Voter-Token: $(cat /proc/sys/kernel/random/uuid)\" -d '{ballot}'"
    ));
    say(format_args!("Results:           curl {base}/api/v1/polls/{id}/results"));
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
