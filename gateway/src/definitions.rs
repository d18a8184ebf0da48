//! Poll definitions through three caches: this process, Redis, PostgreSQL. A definition never changes, so none of
//! them can be wrong; only that its poll is there they can't tell, see [`Definitions::require`].
//!
//! While the streams' Redis was away, the poll may have been deleted without a word to it. What this process held before
//! it forgets with that Redis's first answer: a definition is held for one presence of it, see [`Definitions::presence`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use pollster_shared::counts::projection;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::redis::Connection;
use uuid::Uuid;

use crate::error::ApiError;

/// Polls held by this process at once.
const CAPACITY: u64 = 10_000;
/// How long a poll that nobody asks for is held.
const IDLE: Duration = Duration::from_secs(600);

/// Finds polls.
#[derive(Debug)]
pub(crate) struct Definitions {
    /// Each by the presence of the streams' Redis in which it was asked for: one that arrives late is not found in
    /// the next.
    cache: Cache<(u64, PollName), Arc<Poll>>,
    presence: AtomicU64,
    pool: Pool,
    redis: Connection,
    streams: Connection,
}

impl Definitions {
    /// Asks PostgreSQL through `pool`, and `redis`, which holds the counts too; `streams` tells when its server was away.
    pub(crate) fn new(pool: Pool, redis: Connection, streams: Connection) -> Self {
        let cache = Cache::builder().max_capacity(CAPACITY).time_to_idle(IDLE).build();
        Self { cache, presence: AtomicU64::new(streams.absences()), pool, redis, streams }
    }

    /// The poll named `name`, an id or a slug.
    pub(crate) async fn get(&self, name: &str) -> Result<Arc<Poll>, ApiError> {
        self.named(PollName::parse(name)).await
    }

    /// The poll of this id.
    pub(crate) async fn of_id(&self, poll_id: Uuid) -> Result<Arc<Poll>, ApiError> {
        self.named(PollName::Id(poll_id)).await
    }

    /// Makes sure that the poll of a definition was not deleted: by its counts, which say so, else by PostgreSQL.
    ///
    /// # Errors
    /// [`ApiError::PollNotFound`] where it was, and when neither can be asked.
    pub(crate) async fn require(&self, poll: &Poll) -> Result<(), ApiError> {
        let is_deleted = match projection::is_deleted(&mut self.redis.clone(), poll.poll_id).await {
            Ok(Some(is_deleted)) => is_deleted,
            Ok(None) | Err(_) => {
                let mut connection = self.pool.get().await.map_err(DatabaseError::from)?;
                let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
                state.is_none()
            }
        };
        if is_deleted { Err(self.forget(poll).await) } else { Ok(()) }
    }

    /// Forgets a poll that was deleted; returns what to tell who asked for it.
    pub(crate) async fn forget(&self, poll: &Poll) -> ApiError {
        for name in [PollName::Id(poll.poll_id), PollName::Slug(poll.slug.clone())] {
            self.cache.invalidate(&(self.presence(), name)).await;
        }
        ApiError::PollNotFound
    }

    async fn named(&self, name: PollName) -> Result<Arc<Poll>, ApiError> {
        let key = (self.presence(), name);
        if let Some(poll) = self.cache.get(&key).await {
            return Ok(poll);
        }
        // Boxed because it is rare and large. Once for all who ask at the same time: after an outage that is everybody.
        let load = Box::pin(async { self.load(&key).await.map(Arc::new) });
        self.cache.try_get_with_by_ref(&key, load).await.map_err(|error| match *error {
            ApiError::PollNotFound => ApiError::PollNotFound,
            _ => ApiError::Unavailable,
        })
    }

    /// Which time this is that the streams' Redis is there; at another than the last all is forgotten.
    fn presence(&self) -> u64 {
        let presence = self.streams.absences();
        if self.presence.swap(presence, Ordering::AcqRel) != presence {
            // It would never be asked for again; this only spares its memory.
            self.cache.invalidate_all();
        }
        presence
    }

    /// From Redis, else from PostgreSQL. A Redis that was away may hold what was deleted meanwhile: then the other way
    /// round, for a vote on a deleted poll does less harm than one that is refused for no reason.
    async fn load(&self, (presence, name): &(u64, PollName)) -> Result<Poll, ApiError> {
        let was_away = *presence > 0;
        if !was_away && let Some(poll) = self.cached(name).await {
            return Ok(poll);
        }
        match self.find(name).await {
            Err(error) if was_away => self.cached(name).await.ok_or_else(|| error.into()),
            found => found?.ok_or(ApiError::PollNotFound),
        }
    }

    async fn cached(&self, name: &PollName) -> Option<Poll> {
        let PollName::Id(poll_id) = name else { return None };
        polls::load_cached(&mut self.redis.clone(), *poll_id).await.ok().flatten()
    }

    async fn find(&self, name: &PollName) -> Result<Option<Poll>, DatabaseError> {
        let mut connection = self.pool.get().await?;
        let found = polls::find(&mut connection, name).await?;
        if let Some(poll) = &found
            && let Err(error) = polls::store_cached(&mut self.redis.clone(), poll).await
        {
            tracing::debug!(%error, "definition not cached in Redis");
        }
        Ok(found)
    }
}
