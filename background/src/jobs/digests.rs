//! Digests: every account that wants one is told, once a day or week that is over, what became of its polls.

mod content;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use indicatif::ProgressBar;
use pollster_shared::accounts::{self, Recipient};
use pollster_shared::database::DatabaseError;
use pollster_shared::digests::{self, DigestData, Period, Span};
use pollster_shared::notifications::{self, NewNotification};
use pollster_shared::participation::{self, Question, VOTERS};

use super::record::record;
use super::{Context, JobError};
use crate::schedule::Scheduled;
pub(crate) use content::Composer;

/// The digests' schedule.
#[derive(Debug)]
pub(crate) struct Digests {
    composer: Composer,
    /// The last day and week that are all recorded, by their beginnings.
    done: HashMap<Period, DateTime<Utc>>,
}

impl Digests {
    pub(crate) fn new(composer: Composer) -> Self {
        Self { composer, done: HashMap::new() }
    }
}

impl Scheduled for Digests {
    const NAME: &'static str = "digests";
    const PERIOD: Duration = Duration::from_secs(3600);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        for period in Period::ALL {
            let span = period.last(Utc::now());
            if self.done.get(&period) != Some(&span.from) {
                let recorded = record_all(context, &self.composer, &span, &ProgressBar::hidden()).await?;
                tracing::info!(period = period.name(), recorded, "digests are recorded");
                self.done.insert(period, span.from);
            }
        }
        Ok(())
    }
}

/// Records the digests of `span` that are not recorded yet, for all accounts that want them and have something in
/// theirs. Returns how many.
///
/// # Errors
/// When PostgreSQL fails; what was recorded stays, and the next call goes on from there.
pub(crate) async fn record_all(
    context: &Context,
    composer: &Composer,
    span: &Span,
    progress: &ProgressBar,
) -> Result<u64, JobError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    let wanted = span.period.choice();
    progress.set_length(accounts::number_with_digest(&mut connection, wanted).await?.unsigned_abs());
    let questions = participation::questions(&mut connection, span.from, span.to).await?;
    let (mut after, mut recorded) = (0, 0);
    loop {
        let page = accounts::with_digest(&mut connection, wanted, after, VOTERS as i64).await?;
        let Some(last) = page.last() else { return Ok(recorded) };
        after = last.id;
        progress.inc(page.len() as u64);
        recorded += record_page(context, composer, &mut connection, span, page, &questions).await?;
    }
}

async fn record_page(
    context: &Context,
    composer: &Composer,
    connection: &mut AsyncPgConnection,
    span: &Span,
    page: Vec<Recipient>,
    questions: &[Question],
) -> Result<u64, JobError> {
    let events: Vec<String> = page.iter().map(|account| span.event(account.user_id)).collect();
    let known = digests::recorded(connection, &events).await?;
    let due: Vec<Recipient> =
        page.into_iter().filter(|account| !known.contains(&span.event(account.user_id))).collect();
    if due.is_empty() {
        return Ok(0);
    }
    let mut recorded = 0;
    for (account, data) in composer.compose(connection, span, &due, questions).await? {
        recorded += u64::from(record_one(context, connection, span, account, &data).await?);
    }
    Ok(recorded)
}

/// Records an account's digest; `false` where it was recorded meanwhile.
async fn record_one(
    context: &Context,
    connection: &mut AsyncPgConnection,
    span: &Span,
    account: &Recipient,
    data: &DigestData,
) -> Result<bool, JobError> {
    let new = NewNotification {
        event: span.event(account.user_id),
        kind: notifications::DIGEST,
        poll: None,
        recipient: Some(account.id),
        message: &data.message(),
        data: serde_json::to_value(data).unwrap_or_else(|error| unreachable!("it is plain data: {error}")),
    };
    record(context, connection, &new).await
}
