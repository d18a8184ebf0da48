//! Nudges: accounts that asked for it are reminded when they have not voted in a while.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use pollster_shared::accounts::{self, Recipient};
use pollster_shared::database::DatabaseError;
use pollster_shared::notifications::{self, NewNotification};
use pollster_shared::nudges::{self, NudgeData};
use pollster_shared::participation::{self, Question, VOTERS};
use pollster_shared::vote::{HashSecret, Voter};
use uuid::Uuid;

use super::record::record;
use super::{Context, JobError};
use crate::schedule::Scheduled;

/// The nudges' schedule.
#[derive(Debug)]
pub(crate) struct Nudges {
    /// Keys the hashes that stand for voters.
    pub(crate) secret: HashSecret,
}

impl Scheduled for Nudges {
    const NAME: &'static str = "nudges";
    const PERIOD: Duration = Duration::from_secs(24 * 3600);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        let now = Utc::now();
        let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
        let questions = participation::questions(&mut connection, now - nudges::REMEMBERED, now).await?;
        let mut after = 0;
        loop {
            let since = now - nudges::PAUSE;
            let page = accounts::with_nudges(&mut connection, since, after, VOTERS as i64).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            self.nudge_page(context, &mut connection, now, &page, &questions).await?;
        }
    }
}

impl Nudges {
    /// Nudges those of these accounts that have voted, but not lately.
    async fn nudge_page(
        &self,
        context: &Context,
        connection: &mut AsyncPgConnection,
        now: DateTime<Utc>,
        page: &[Recipient],
        questions: &[Question],
    ) -> Result<(), JobError> {
        let voters: Vec<Voter> =
            page.iter().map(|account| Voter::from_account(&self.secret, &account.subject)).collect();
        let mut last_votes: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
        for vote in participation::votes(connection, questions, &voters).await? {
            let last = last_votes.entry(vote.voter).or_insert(vote.at);
            *last = vote.at.max(*last);
        }
        for (account, voter) in page.iter().zip(&voters) {
            if let Some(&last_voted_at) = last_votes.get(&voter.to_uuid())
                && last_voted_at < now - nudges::AWAY
            {
                nudge(context, connection, now, account, NudgeData { last_voted_at }).await?;
            }
        }
        Ok(())
    }
}

async fn nudge(
    context: &Context,
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    account: &Recipient,
    data: NudgeData,
) -> Result<(), JobError> {
    let new = NewNotification {
        event: nudges::event(account.user_id, now),
        kind: notifications::NUDGE,
        poll: None,
        recipient: Some(account.id),
        message: &data.message(),
        data: serde_json::to_value(data).unwrap_or_else(|error| unreachable!("it is plain data: {error}")),
    };
    record(context, connection, &new).await?;
    Ok(())
}
