//! Counts that are added up in Redis.

use std::collections::{BTreeMap, HashMap};

use pollster_aggregator::publisher::{PublishError, Publisher};
use pollster_shared::channels::{self, Topic};
use pollster_shared::counts::{Counted, projection};
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::keys;
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::redis::{Connection, RedisResult};
use pollster_shared::vote::Cast;
use uuid::Uuid;

/// Adds ballots to the counts in Redis, and tells what they come to.
#[derive(Debug)]
pub(crate) struct Increments {
    pool: Pool,
    aggregates: Connection,
    channels: channels::Publisher,
    polls: HashMap<Uuid, Poll>,
}

impl Increments {
    pub(crate) fn new(pool: Pool, aggregates: Connection, channels: channels::Publisher) -> Self {
        Self { pool, aggregates, channels, polls: HashMap::new() }
    }

    /// Adds these, whether or not they were added before. Where there is nothing yet to add to, and where votes may
    /// be changed, so that an entry does not say what it takes away, `publisher` does it as it should be done.
    pub(crate) async fn add(
        &mut self,
        casts: &[Cast],
        publisher: &mut Publisher,
    ) -> Result<(), PublishError> {
        let mut by_poll: BTreeMap<Uuid, Vec<&Cast>> = BTreeMap::new();
        for cast in casts {
            by_poll.entry(cast.poll_id).or_default().push(cast);
        }
        for (poll_id, casts) in by_poll {
            let Some(poll) = self.poll(poll_id).await? else { continue };
            let is_there = projection::load(&mut self.aggregates, poll_id).await?.is_some();
            if is_there && !poll.settings.allow_vote_change {
                self.increment(&poll, &casts).await?;
            } else {
                publisher.publish(&[poll_id]).await?;
            }
        }
        Ok(())
    }

    async fn increment(&mut self, poll: &Poll, casts: &[&Cast]) -> RedisResult<()> {
        let key = keys::counts(poll.poll_id);
        let mut pipeline = redis::pipe();
        pipeline.atomic().hincr(&key, "version", 1).ignore();
        for answer in casts.iter().flat_map(|cast| cast.ballot.answers()) {
            let Some(question) = poll.questions.get(usize::from(answer.question)) else { continue };
            let chosen = answer.choices.positions().filter_map(|position| question.choices.get(position));
            let chosen = chosen.map(|choice| Counted::Choice(choice.choice_id));
            for counted in chosen.chain([Counted::Question(question.question_id)]) {
                pipeline.hincr(&key, counted.to_string(), 1).ignore();
            }
            pipeline.hincr(&key, "total", 1).ignore();
        }
        pipeline.exec_async(&mut self.aggregates).await?;
        if let Some(counts) = projection::load(&mut self.aggregates, poll.poll_id).await?
            && let Ok(message) = serde_json::to_string(&counts)
        {
            self.channels.publish(Topic::Poll(poll.poll_id), message).await?;
        }
        Ok(())
    }

    async fn poll(&mut self, poll_id: Uuid) -> Result<Option<Poll>, DatabaseError> {
        if !self.polls.contains_key(&poll_id) {
            let mut connection = self.pool.get().await?;
            if let Some(poll) = polls::find(&mut connection, &PollName::Id(poll_id)).await? {
                self.polls.insert(poll_id, poll);
            }
        }
        Ok(self.polls.get(&poll_id).cloned())
    }
}
