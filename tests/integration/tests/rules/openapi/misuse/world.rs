//! What generated requests find: the poll of the document's examples under their ids, others in every state, and
//! who may ask for them.

use pollster_integration::{PollView, Stack, TestAccount, lunch, token};
use serde_json::{Value, json};
use uuid::Uuid;

/// The ids of the document's examples.
const SLUG: &str = "k7m2xq4w";
const POLL: Uuid = Uuid::from_u128(0x01983c5e_7a0f_7d20_8b4e_2f6d1c9e5a01);
const QUESTION: Uuid = Uuid::from_u128(0x01983c5e_7a10_7c43_9d5e_5b1f0a6c2e01);
const FIRST_CHOICE: u128 = 0x01983c5e_7a10_7c43_9d5e_5b1f0a6c2e02;
const WEBHOOK: Uuid = Uuid::from_u128(0x01983c66_3e52_7a1c_b0d4_6f2e8a1c5d01);
/// Polls to be closed and deleted.
const DOOMED: usize = 8;

/// Who asks.
#[derive(Debug)]
pub(super) struct World {
    /// An account that made the polls.
    creator: TestAccount,
    /// One that will be gone.
    leaving: TestAccount,
    /// What manages the poll `anonymous`.
    manage_token: String,
    /// Somebody who voted on the poll of the examples.
    voter_token: String,
    /// As what.
    vote_id: String,
}

impl World {
    pub(super) async fn make(stack: &Stack) -> Self {
        let creator = stack.account("creator").await;
        let leaving = stack.account("leaver").await;
        let settings = [
            (SLUG, json!({"allow_vote_change": true})),
            ("hidden", json!({"result_visibility": "after_close"})),
            ("accounts", json!({"voter_identity": "account"})),
            ("closed", json!({})),
        ];
        let doomed = (0..DOOMED).map(|number| (format!("doomed-{number}"), json!({})));
        for (slug, settings) in
            settings.map(|(slug, settings)| (slug.to_owned(), settings)).into_iter().chain(doomed)
        {
            let poll = stack.create_poll_as(&creator, &lunch_with(settings)).await;
            rename(stack, &poll, &slug).await;
        }
        let anonymous = stack.create_poll(&lunch()).await;
        rename(stack, &anonymous, "anonymous").await;
        take_example_ids(stack).await;
        let close =
            stack.request(hyper::Method::POST, "/api/v1/polls/closed/close", &[creator.header()], "").await;
        assert_eq!(close.status, 200, "{}", close.text());
        let (voter_token, manage_token) = (token(), anonymous.manage_token.unwrap());
        let example: PollView = stack.get(&format!("/api/v1/polls/{SLUG}")).await.json().unwrap();
        let vote_id = stack.accepted(&example, &voter_token, None, example.ballot(0, 0)).await;
        Self { creator, leaving, manage_token, voter_token, vote_id }
    }

    /// What `schemathesis.toml` asks of its environment.
    pub(super) fn env(&self) -> [(&'static str, &str); 5] {
        [
            ("ACCESS_TOKEN", self.creator.access_token()),
            ("LEAVING_TOKEN", self.leaving.access_token()),
            ("MANAGE_TOKEN", &self.manage_token),
            ("VOTER_TOKEN", &self.voter_token),
            ("VOTE_ID", &self.vote_id),
        ]
    }
}

fn lunch_with(settings: Value) -> Value {
    let mut draft = lunch();
    draft["settings"] = settings;
    draft
}

/// Gives a poll that nobody has read another slug.
async fn rename(stack: &Stack, poll: &PollView, slug: &str) {
    let database = stack.database().connect().await;
    let update = "UPDATE polls SET slug = $1 WHERE poll_id = $2";
    assert_eq!(database.execute(update, &[&slug, &poll.poll_id]).await.unwrap(), 1);
}

/// Gives the poll of the examples, which nobody has read, a webhook and the other ids of theirs.
async fn take_example_ids(stack: &Stack) {
    let database = stack.database().connect().await;
    let poll = "SELECT id FROM polls WHERE slug = $1";
    let poll: i64 = database.query_one(poll, &[&SLUG]).await.unwrap().get(0);
    for (update, id) in [
        ("UPDATE polls SET poll_id = $1 WHERE id = $2", POLL),
        ("UPDATE questions SET question_id = $1 WHERE poll = $2", QUESTION),
        (
            "INSERT INTO webhooks (webhook_id, poll, url, secret) VALUES ($1, $2, 'https://example.org', '')",
            WEBHOOK,
        ),
    ] {
        assert_eq!(database.execute(update, &[&id, &poll]).await.unwrap(), 1, "{update}");
    }
    for position in 0..2_i16 {
        let update = "UPDATE choices SET choice_id = $1 FROM questions
                      WHERE question = id AND poll = $2 AND choices.position = $3";
        let choice_id = Uuid::from_u128(FIRST_CHOICE + position as u128);
        assert_eq!(database.execute(update, &[&choice_id, &poll, &position]).await.unwrap(), 1);
    }
}
