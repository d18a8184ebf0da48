//! The account that a new or claimed poll belongs to.

use pollster_shared::database::{DatabaseError, PooledConnection};
use pollster_shared::polls;

use crate::app::App;
use crate::error::ApiError;
use crate::tokens::Account;

/// The row of the account, made where an identity provider's account has none yet.
///
/// # Errors
/// [`ApiError::Unauthenticated`] where the account has left, and when PostgreSQL fails.
pub(crate) async fn row(
    app: &App,
    connection: &mut PooledConnection<'_>,
    account: &Account,
) -> Result<i64, ApiError> {
    let row = polls::creator_or_new(connection, &account.subject, app.tokens.issues()).await;
    row.map_err(DatabaseError::from)?.ok_or(ApiError::Unauthenticated("The account is gone."))
}
