//! Makes the partitions of `responses` ahead of the months that need them.

use std::time::Duration;

use chrono::{Months, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::polls;
use pollster_shared::shutdown::Shutdown;

use crate::pause;

/// Months beyond the present one.
const AHEAD: u32 = 3;
const PERIOD: Duration = Duration::from_secs(6 * 3600);
const RETRY: Duration = Duration::from_secs(10);

/// Looks after the partitions until the shutdown.
pub(crate) async fn run(pool: Pool, shutdown: Shutdown) {
    loop {
        let made = async { ensure_ahead(&mut *pool.get().await?).await };
        let period = match made.await {
            Ok(()) => PERIOD,
            Err(error) => {
                tracing::warn!(%error, "partitions could not be made ahead");
                RETRY
            }
        };
        if !pause(period, &shutdown).await {
            return;
        }
    }
}

/// Makes the partitions of this month and those ahead, where they are missing.
pub(crate) async fn ensure_ahead(connection: &mut AsyncPgConnection) -> Result<(), DatabaseError> {
    let this_month: NaiveDate = Utc::now().date_naive();
    for months in 0..=AHEAD {
        polls::ensure_partition(connection, this_month + Months::new(months)).await?;
    }
    Ok(())
}
