//! What is recorded of an attempt.

use std::time::Duration;

use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::notifications::deliveries::{self, Delivery};

/// PostgreSQL may be away for a moment. What is not marked within the claim's lease is attempted again.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(1);

/// What is recorded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark<'a> {
    Delivered,
    Withdrawn,
    /// It failed, and is tried again after a random part of this pause.
    Failed(&'a str, Duration),
    /// It failed for the last time.
    GivenUp(&'a str),
}

impl Mark<'_> {
    /// Records it, in several tries if need be.
    pub(super) async fn record(self, pool: &Pool, delivery: &Delivery) {
        for _ in 0..TRIES {
            let Err(error) = self.try_record(pool, delivery).await else { return };
            let notification_id = delivery.notification.notification_id;
            tracing::warn!(%notification_id, %error, "what became of a delivery is not marked yet");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn try_record(self, pool: &Pool, delivery: &Delivery) -> Result<(), DatabaseError> {
        let connection = &mut *pool.get().await?;
        match self {
            Self::Delivered => deliveries::delivered(connection, delivery).await?,
            Self::Withdrawn => deliveries::withdrawn(connection, delivery).await?,
            Self::Failed(error, pause) => deliveries::failed(connection, delivery, error, pause).await?,
            Self::GivenUp(error) => deliveries::given_up(connection, delivery, error).await?,
        }
        Ok(())
    }
}
