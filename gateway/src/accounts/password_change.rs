//! `PUT /api/v1/accounts/password`

use hyper::StatusCode;
use pollster_shared::accounts::{self, Account};
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::FieldError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::check_password;
use super::password::Password;
use super::verify::bad_token;
use super::{MAX_BODY, admit};
use crate::app::App;
use crate::error::ApiError;
use crate::guard;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, empty};

/// Another password, by the token of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
struct Change {
    token: String,
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: Password,
}

/// Set another password
///
/// By the token of the mailed link, once.
#[utoipa::path(
    put, path = "/api/v1/accounts/password", operation_id = "changePassword", tag = "accounts",
    request_body(content = Change, example = examples::password_change),
    responses((status = 204, description = "It is set.")),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let Change { token, password } = context.json(MAX_BODY).await?;
    let budget = admit(&context, None)?;
    let app = context.app;
    let errors = faults(&app, &token, &password).await?;
    if !errors.is_empty() {
        return Err(ApiError::InvalidAccount(errors));
    }
    let password_hash = app.hasher.hash(password).await?;
    // A client that hangs up must not leave a transaction half-way.
    let changed = guard::finish(context.place, async move {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        let changed = accounts::change_password(&mut connection, &app.secret, &token, &password_hash).await?;
        Ok::<_, DatabaseError>(changed)
    });
    if changed.await? {
        Ok(budget.on(empty(StatusCode::NO_CONTENT)))
    } else {
        Err(ApiError::InvalidAccount(vec![bad_token()]))
    }
}

/// All that is wrong, found before any hashing.
async fn faults(app: &App, token: &str, password: &Password) -> Result<Vec<FieldError>, DatabaseError> {
    let mut connection = app.pool.get().await?;
    let holder = accounts::may_change_password(&mut connection, &app.secret, token).await?;
    let names = holder.iter().flat_map(|Account { email, username, .. }| [email, username]);
    let names: Vec<&str> = names.filter_map(|name| name.as_deref()).collect();
    let token = holder.is_none().then(bad_token);
    Ok(token.into_iter().chain(check_password(password, &names)).collect())
}
