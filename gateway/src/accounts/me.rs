//! `GET` and `DELETE /api/v1/me`

use hyper::StatusCode;
use pollster_shared::accounts::{self, NotificationChoices};
use pollster_shared::database::{DatabaseError, PooledConnection};
use pollster_shared::notifications::{self, Notification};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::AccountView;
use crate::app::App;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, empty, json};
use crate::tokens;

/// The account that asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(super) struct MeView {
    #[serde(flatten)]
    account: AccountView,
    /// What access tokens call the account.
    subject: String,
    notification_choices: NotificationChoices,
    /// The newest 100, newest first.
    notifications: Vec<Notification>,
}

/// A token outlives its account, and stands for nobody then.
pub(super) const GONE: ApiError = ApiError::Unauthenticated("The account of this access token is gone.");

/// Read one's own account
///
/// With its notifications.
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "getMe", tag = "accounts",
    responses((status = 200, description = "The account.", body = MeView, example = examples::me)),
    security(("access_token" = [])),
)]
pub(crate) async fn read(context: Context) -> Result<Response, ApiError> {
    let token = context.required_account()?;
    let app = &context.app;
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    Ok(json(StatusCode::OK, &view(app, &mut connection, token).await?))
}

/// The account of this token as its owner sees it.
///
/// # Errors
/// [`GONE`] where it has left, and when PostgreSQL fails.
pub(super) async fn view(
    app: &App,
    connection: &mut PooledConnection<'_>,
    token: tokens::Account,
) -> Result<MeView, ApiError> {
    let row = accounts::find_by_subject(connection, &token.subject).await.map_err(DatabaseError::from)?;
    let notifications = match &row {
        Some(row) => notifications::notifications(connection, row.id).await.map_err(DatabaseError::from)?,
        None => Vec::new(),
    };
    let notification_choices = row.as_ref().map(|row| row.choices).unwrap_or_default();
    let account = if app.tokens.issues() {
        AccountView::of_ours(row.ok_or(GONE)?)
    } else {
        AccountView::of_provider(&token, row.as_ref())
    };
    Ok(MeView { account, subject: token.subject, notification_choices, notifications })
}

/// Leave
///
/// The account is gone; its votes stay, unnamed.
#[utoipa::path(
    delete, path = "/api/v1/me", operation_id = "deleteMe", tag = "accounts",
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = [])),
)]
pub(crate) async fn delete(context: Context) -> Result<Response, ApiError> {
    let token = context.required_account()?;
    let app = &context.app;
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let deleted = accounts::delete(&mut connection, &token.subject).await.map_err(DatabaseError::from)?;
    // Of an identity provider's account there may be nothing here, and nothing is what was asked for.
    if deleted || !app.tokens.issues() { Ok(empty(StatusCode::NO_CONTENT)) } else { Err(GONE) }
}
