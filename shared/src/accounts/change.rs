//! What an account changes of itself: all of it at once or nothing.

use std::collections::HashSet;

use diesel::result::Error;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::choices::{ChoicesChange, change_choices};
use crate::notifications::{mark_all_read, mark_read};
use crate::polls;

/// What is to be changed; what is absent, or null, stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeChange)]
pub struct Change {
    /// Choices to be changed.
    #[schema(nullable = false)]
    pub notification_choices: Option<ChoicesChange>,
    /// Notifications that were read.
    pub read: Option<Read>,
}

/// Notifications that were read.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged, expecting = "`read` takes \"all\" or a list of notification ids")]
pub enum Read {
    /// All there are.
    All(All),
    /// Those with these ids.
    These(Vec<Uuid>),
}

/// The word for all.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum All {
    /// It.
    All,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// These are no notifications of the account.
    #[error("{} notifications are not the account's", .0.len())]
    NotTheirs(HashSet<Uuid>),
    /// PostgreSQL failed.
    #[error(transparent)]
    Query(#[from] Error),
}

/// Changes the account that access tokens call `subject`; `false` where it has left. An identity provider's account
/// gets its row with its first change.
///
/// # Errors
/// Where a notification is not the account's, or PostgreSQL fails; nothing is changed then.
pub async fn change(
    connection: &mut AsyncPgConnection,
    subject: &str,
    own_accounts: bool,
    change: Change,
) -> Result<bool, ChangeError> {
    connection
        .transaction(async |connection| {
            let row = polls::creator_or_new(connection, subject, own_accounts).await?;
            let Some(account) = row else { return Ok(false) };
            if let Some(choices) = change.notification_choices {
                change_choices(connection, account, choices).await?;
            }
            match &change.read {
                Some(Read::All(All::All)) => mark_all_read(connection, account).await?,
                Some(Read::These(ids)) => {
                    let others = mark_read(connection, account, ids).await?;
                    if !others.is_empty() {
                        return Err(ChangeError::NotTheirs(others));
                    }
                }
                None => {}
            }
            Ok(true)
        })
        .await
}
