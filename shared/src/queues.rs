//! The queues of the background jobs: Redis Streams that carry what has happened to whoever acts on it.
//!
//! PostgreSQL holds what is to be done; an entry only says it at once. One that is lost is found again by a
//! sweep, and one that comes twice changes nothing.

use chrono::{DateTime, Utc};
use redis::{AsyncCommands, RedisResult};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::keys;
use crate::redis::Connection;
use crate::stream::{StreamId, Streams, dead_letters};

/// Streams a queue: enough for a cluster's nodes to share them.
pub const SHARDS: u16 = 4;
/// The one field of an entry: the event as JSON.
pub(crate) const FIELD: &str = "event";

/// A queue and the consumer group that works on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Milestones that were crossed, to be recorded as notifications.
    Milestones,
    /// Notifications that were recorded, to be delivered.
    Notifications,
    /// Polls whose results are final, to be recorded as notifications and archived.
    Archival,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 3] = [Self::Milestones, Self::Notifications, Self::Archival];

    /// What its streams' names begin with, and what operators call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Milestones => "milestone",
            Self::Notifications => "notify",
            Self::Archival => "archival",
        }
    }

    /// Its consumer group.
    pub fn group(self) -> &'static str {
        match self {
            Self::Milestones => "milestones",
            Self::Notifications => "notifiers",
            Self::Archival => "archivers",
        }
    }
}

/// What an entry of a queue says.
pub trait Event: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// The queue that carries it.
    const QUEUE: Queue;

    /// What it is about; events about the same keep their order.
    fn subject(&self) -> Uuid;
}

/// A poll has crossed one of its thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneCrossed {
    /// The poll.
    pub poll_id: Uuid,
    /// The threshold.
    pub threshold: i64,
    /// The poll's responses right after the commit that crossed it.
    pub total_votes: i64,
}

/// A notification is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    /// The notification.
    pub notification_id: Uuid,
}

/// A poll's results are final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollClosed {
    /// The poll.
    pub poll_id: Uuid,
    /// Since when it takes no votes.
    pub closed_at: DateTime<Utc>,
}

impl Event for MilestoneCrossed {
    const QUEUE: Queue = Queue::Milestones;

    fn subject(&self) -> Uuid {
        self.poll_id
    }
}

impl Event for Notify {
    const QUEUE: Queue = Queue::Notifications;

    fn subject(&self) -> Uuid {
        self.notification_id
    }
}

impl Event for PollClosed {
    const QUEUE: Queue = Queue::Archival;

    fn subject(&self) -> Uuid {
        self.poll_id
    }
}

/// Adds an event to its queue.
///
/// # Errors
/// When Redis can't be reached; a sweep finds it then.
pub async fn enqueue<E: Event>(streams: &mut Connection, event: &E) -> RedisResult<()> {
    let stream = keys::job_stream(E::QUEUE.name(), shard(event));
    let _: String = streams.xadd(stream, "*", &[(FIELD, json(event))]).await?;
    Ok(())
}

/// Sets an event aside that was given up after so many attempts: a dead letter, which an operator may add to its queue
/// anew.
///
/// # Errors
/// When Redis can't be reached.
pub async fn set_aside<E: Event>(
    streams: &mut Connection,
    event: &E,
    error: &str,
    attempts: u32,
) -> RedisResult<()> {
    let stream = keys::dead_jobs(E::QUEUE.name(), shard(event));
    let letter = [("error", error.to_owned()), ("deliveries", attempts.to_string()), (FIELD, json(event))];
    let _: String = streams.xadd(stream, "*", &letter).await?;
    Ok(())
}

/// The dead letters of a shard that are looked at: a sweep that finds more to do than that has other troubles.
const DEAD_LETTERS: usize = 1000;

/// The events of a queue that are dead letters: a sweep leaves them to the operators, or each would add another.
///
/// # Errors
/// When Redis can't be reached.
pub async fn dead<E: Event>(streams: &mut Connection) -> RedisResult<Vec<E>> {
    let queue = Streams::Jobs(E::QUEUE);
    let mut events = Vec::new();
    for shard in queue.shards() {
        let letters = dead_letters::list(streams, queue, shard, StreamId::default(), DEAD_LETTERS).await?;
        events
            .extend(letters.iter().filter_map(|kept| serde_json::from_slice(&kept.letter.entry.packed).ok()));
    }
    Ok(events)
}

/// How many entries wait in a queue, read or not.
///
/// # Errors
/// When Redis can't be reached.
pub async fn length(streams: &mut Connection, queue: Queue) -> RedisResult<u64> {
    let mut pipeline = redis::pipe();
    for shard in 0..SHARDS {
        pipeline.xlen(keys::job_stream(queue.name(), shard));
    }
    let lengths: Vec<u64> = pipeline.query_async(streams).await?;
    Ok(lengths.iter().sum())
}

fn shard(event: &impl Event) -> u16 {
    (event.subject().as_u128() % u128::from(SHARDS)) as u16
}

fn json(event: &impl Event) -> String {
    serde_json::to_string(event).unwrap_or_else(|_| unreachable!("events are plain data"))
}
