//! Makes the partitions of `responses` ahead of the months that need them.

use std::time::Duration;

use chrono::{Datelike, Months, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use pollster_shared::database::DatabaseError;
use pollster_shared::polls;

use super::{Context, JobError};
use crate::schedule::Scheduled;

/// Months beyond the present one.
pub(crate) const AHEAD: u32 = 3;

/// The job.
#[derive(Debug)]
pub(crate) struct Job;

impl Scheduled for Job {
    const NAME: &'static str = "partitions";
    const PERIOD: Duration = Duration::from_secs(6 * 3600);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
        ensure_ahead(&mut connection, AHEAD).await?;
        Ok(())
    }
}

/// Makes the partitions of this month and `ahead` months beyond, where they are missing; returns their first days.
pub(crate) async fn ensure_ahead(
    connection: &mut AsyncPgConnection,
    ahead: u32,
) -> Result<Vec<NaiveDate>, DatabaseError> {
    let today = Utc::now().date_naive();
    let this_month = today.with_day(1).unwrap_or(today);
    let months: Vec<NaiveDate> = (0..=ahead).map(|months| this_month + Months::new(months)).collect();
    for &month in &months {
        polls::ensure_partition(connection, month).await?;
    }
    Ok(months)
}
