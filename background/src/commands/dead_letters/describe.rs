//! What an entry says, as JSON. Who voted, and from where, is left out.

use std::collections::HashMap;

use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::stream::group::Entry;
use pollster_shared::stream::{Streams, entry};
use pollster_shared::vote::{Answer, Cast, Kind};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::{Context, JobError};

/// Describes entries; keeps the polls that they are about.
pub(super) struct Describer<'a> {
    context: &'a Context,
    polls: HashMap<Uuid, Option<Poll>>,
}

impl<'a> Describer<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self { context, polls: HashMap::new() }
    }

    /// What the entry says. One that can't be read any more is described by its size.
    pub(super) async fn describe(&mut self, streams: Streams, entry: &Entry) -> Result<Value, JobError> {
        let unreadable = || json!({"bytes": entry.packed.len()});
        match streams {
            Streams::Votes => match entry::decode(&entry.packed) {
                Ok(cast) => self.vote(entry, &cast).await,
                Err(_) => Ok(unreadable()),
            },
            Streams::Jobs(_) => Ok(serde_json::from_slice(&entry.packed).unwrap_or_else(|_| unreadable())),
        }
    }

    async fn vote(&mut self, entry: &Entry, cast: &Cast) -> Result<Value, JobError> {
        let poll = self.poll(cast.poll_id).await?;
        let answers: Vec<Value> = cast.ballot.answers().iter().map(|given| answer(poll, given)).collect();
        Ok(json!({
            "kind": match cast.kind {
                Kind::Cast => "cast",
                Kind::Change => "change",
                Kind::Revoke => "revoke",
            },
            "poll_id": cast.poll_id,
            "answers": answers,
            "accepted_at": entry.id.added_at(),
        }))
    }

    async fn poll(&mut self, poll_id: Uuid) -> Result<Option<&Poll>, JobError> {
        if !self.polls.contains_key(&poll_id) {
            let mut connection = self.context.pool.get().await.map_err(DatabaseError::from)?;
            let poll = polls::find(&mut connection, &PollName::Id(poll_id)).await?;
            self.polls.insert(poll_id, poll);
        }
        Ok(self.polls.get(&poll_id).and_then(Option::as_ref))
    }
}

/// An answer by the ids of its question and choices; by their positions where the poll has no such question.
fn answer(poll: Option<&Poll>, answer: &Answer) -> Value {
    match poll.and_then(|poll| poll.questions.get(usize::from(answer.question))) {
        Some(question) => json!({
            "question_id": question.question_id,
            "choice_ids": question.choice_ids(answer.choices),
        }),
        None => json!({
            "question": answer.question,
            "choices": answer.choices.positions().collect::<Vec<_>>(),
        }),
    }
}
