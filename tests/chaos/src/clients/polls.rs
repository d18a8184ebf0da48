//! The polls that are voted on.

use pollster_integration::Client;
use serde_json::{Value, json};

use crate::history::{ChaosPoll, Role};

/// Makes one poll of each role.
pub(super) async fn create(client: &mut Client) -> Vec<ChaosPoll> {
    let mut polls = Vec::new();
    for role in [Role::Single, Role::Survey, Role::Changeable, Role::Address, Role::Closing] {
        let view = client.create_poll(&definition(role)).await.expect("a poll is made");
        polls.push(ChaosPoll { role, view });
    }
    polls
}

fn definition(role: Role) -> Value {
    let one = |choices: usize| {
        let choices: Vec<String> = (0..choices).map(|choice| format!("Choice {choice}")).collect();
        json!({"text": "Which?", "choices": choices, "min_choices": 1, "max_choices": 1})
    };
    let some = json!({"text": "Some?", "choices": ["a", "b", "c", "d"], "min_choices": 2, "max_choices": 3});
    let (title, questions, settings) = match role {
        Role::Single => ("Single", vec![one(4)], json!({})),
        Role::Survey => ("Survey", vec![one(3), one(4), some], json!({})),
        Role::Changeable => ("Changeable", vec![one(6)], json!({"allow_vote_change": true})),
        Role::Address => ("Address", vec![one(4)], json!({"voter_identity": "browser_and_address"})),
        Role::Closing => ("Closing", vec![one(4)], json!({})),
    };
    json!({"title": title, "questions": questions, "settings": settings})
}
