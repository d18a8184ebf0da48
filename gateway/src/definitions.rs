//! Poll definitions through three caches: this process, Redis, PostgreSQL. A definition never changes, so none of
//! them can be wrong; only that its poll is there they can't tell, see [`Definitions::require`].

use std::sync::Arc;
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
    cache: Cache<PollName, Arc<Poll>>,
    pool: Pool,
    redis: Connection,
}

impl Definitions {
    pub(crate) fn new(pool: Pool, redis: Connection) -> Self {
        let cache = Cache::builder().max_capacity(CAPACITY).time_to_idle(IDLE).build();
        Self { cache, pool, redis }
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
            self.cache.invalidate(&name).await;
        }
        ApiError::PollNotFound
    }

    async fn named(&self, name: PollName) -> Result<Arc<Poll>, ApiError> {
        if let Some(poll) = self.cache.get(&name).await {
            return Ok(poll);
        }
        // Boxed because it is rare and large.
        let poll = Arc::new(Box::pin(self.load(&name)).await?);
        self.cache.insert(name, poll.clone()).await;
        Ok(poll)
    }

    async fn load(&self, name: &PollName) -> Result<Poll, ApiError> {
        let mut redis = self.redis.clone();
        if let PollName::Id(poll_id) = name
            && let Ok(Some(poll)) = polls::load_cached(&mut redis, *poll_id).await
        {
            return Ok(poll);
        }
        let mut connection = self.pool.get().await.map_err(DatabaseError::from)?;
        let found = polls::find(&mut connection, name).await.map_err(DatabaseError::from)?;
        let poll = found.ok_or(ApiError::PollNotFound)?;
        if let Err(error) = polls::store_cached(&mut redis, &poll).await {
            tracing::debug!(%error, "definition not cached in Redis");
        }
        Ok(poll)
    }
}
