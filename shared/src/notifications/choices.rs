//! What an account wants to be told, and how.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryDsl, QueryResult, Queryable, Selectable, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::deliveries::Channel;
use super::{MILESTONE, POLL_CLOSED};
use crate::schema::users;

/// An account's choices, with what they depend on.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct Choices {
    email: Option<String>,
    verified_at: Option<DateTime<Utc>>,
    notify_email: bool,
    notify_milestones: bool,
    notify_closings: bool,
}

impl Choices {
    /// Whether notifications of this kind are wanted at all. Digests and nudges are made for those who want them.
    fn wants(&self, kind: &str) -> bool {
        match kind {
            MILESTONE => self.notify_milestones,
            POLL_CLOSED => self.notify_closings,
            _ => true,
        }
    }

    fn takes_mails(&self) -> bool {
        self.email.is_some() && self.verified_at.is_some() && self.notify_email
    }
}

/// The ways in which the account is told of something of this kind; none where it does not want to be, or is gone.
pub(super) async fn told(
    connection: &mut AsyncPgConnection,
    recipient: Option<i64>,
    kind: &str,
) -> QueryResult<Vec<Channel>> {
    let Some(recipient) = recipient else { return Ok(Vec::new()) };
    let choices: Option<Choices> =
        users::table.find(recipient).select(Choices::as_select()).first(connection).await.optional()?;
    Ok(match choices.filter(|choices| choices.wants(kind)) {
        Some(choices) if choices.takes_mails() => vec![Channel::InApp, Channel::Email],
        Some(_) => vec![Channel::InApp],
        None => Vec::new(),
    })
}
