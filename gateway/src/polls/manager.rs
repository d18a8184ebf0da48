//! Who may manage a poll: its creator, an admin, and who shows its manage token.

use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::polls;

use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::request::Context;
use crate::tokens::{Account, Role};

/// Whether `credentials` prove every right of the poll's creator. PostgreSQL is asked only where they may.
///
/// # Errors
/// When PostgreSQL fails, or the poll is gone.
pub(crate) async fn manages(app: &App, poll: &Poll, credentials: &Credentials) -> Result<bool, ApiError> {
    if !credentials.may_manage() {
        return Ok(false);
    }
    let Credentials { account, manage_token, .. } = credentials;
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let owner = polls::owner(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    let owner = owner.ok_or(ApiError::PollNotFound)?;
    let is_creator = |account: &Account| account.role == Role::Admin || owner.is_account(&account.subject);
    Ok(account.as_ref().is_some_and(is_creator)
        || manage_token.as_ref().is_some_and(|token| owner.holds(&app.secret, token)))
}

/// Refuses whoever has not every right of the poll's creator.
///
/// # Errors
/// [`ApiError::Unauthenticated`] where nothing was sent that could prove it, [`ApiError::Forbidden`] where what
/// was sent does not, and those of [`manages`].
pub(crate) async fn require(context: &Context, poll: &Poll) -> Result<(), ApiError> {
    let credentials = context.credentials()?;
    if !credentials.may_manage() {
        return Err(ApiError::Unauthenticated("Sign in, or send the poll's `X-Manage-Token`."));
    }
    match manages(&context.app, poll, &credentials).await? {
        true => Ok(()),
        false => Err(ApiError::Forbidden("Only the poll's creator may do this.")),
    }
}
