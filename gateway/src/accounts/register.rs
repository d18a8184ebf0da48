//! `POST /api/v1/accounts`

use std::sync::Arc;

use hyper::StatusCode;
use pollster_shared::accounts::{self, CreateError, NewAccount};
use pollster_shared::database::DatabaseError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{check_email, check_password, check_username};
use super::password::Password;
use super::view::AccountView;
use super::{MAX_BODY, admit, mailing};
use crate::app::App;
use crate::error::ApiError;
use crate::guard;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, json};

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    #[schema(max_length = 254)]
    email: String,
    /// Letters, digits, `_`, `-` and `.`.
    #[schema(min_length = 3, max_length = 32)]
    username: String,
    /// Neither the e-mail address nor the username.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: Password,
}

/// Register
///
/// Mails a link that verifies the e-mail address.
#[utoipa::path(
    post, path = "/api/v1/accounts", operation_id = "register", tag = "accounts",
    request_body(content = Registration, example = examples::registration),
    responses((status = 201, description = "The account.", body = AccountView, example = examples::account)),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let registration: Registration = context.json(MAX_BODY).await?;
    let budget = admit(&context, Some(&registration.email))?;
    let Registration { email, username, password } = registration.validated()?;
    // Before all that would be in vain without its mail.
    mailing::room(&context.app)?;
    let password_hash = context.app.hasher.hash(password).await?;
    // A client that hangs up must not leave an account without its mail.
    let made = make(context.app, email, username, password_hash);
    let view = guard::finish(context.place, made).await?;
    Ok(budget.on(json(StatusCode::CREATED, &view)))
}

impl Registration {
    /// The registration with its names trimmed, or all that is wrong with it.
    fn validated(mut self) -> Result<Self, ApiError> {
        self.email = self.email.trim().to_owned();
        self.username = self.username.trim().to_owned();
        let checks = [
            check_email(&self.email),
            check_username(&self.username),
            check_password(&self.password, &[&self.email, &self.username]),
        ];
        let errors: Vec<_> = checks.into_iter().flatten().collect();
        if errors.is_empty() { Ok(self) } else { Err(ApiError::InvalidAccount(errors)) }
    }
}

async fn make(
    app: Arc<App>,
    email: String,
    username: String,
    password_hash: String,
) -> Result<AccountView, ApiError> {
    let account = {
        let new = NewAccount { email: &email, username: &username, password_hash: &password_hash };
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        accounts::create(&mut connection, new).await.map_err(|error| match error {
            CreateError::EmailTaken => ApiError::EmailTaken,
            CreateError::UsernameTaken => ApiError::UsernameTaken,
            CreateError::Query(error) => DatabaseError::from(error).into(),
        })?
    };
    mailing::welcome(&app, account.clone());
    Ok(AccountView::of_ours(account))
}
