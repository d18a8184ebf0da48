//! `POST /api/v1/sessions`

use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use pollster_shared::accounts;
use pollster_shared::database::DatabaseError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::password::Password;
use super::view::role;
use super::{MAX_BODY, admit};
use crate::error::ApiError;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, json};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Password,
}

/// What signing in gives.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that the access token is valid.
    expires_in: u64,
}

/// The same whether it is the e-mail address or the password that is wrong.
const WRONG: ApiError =
    ApiError::Unauthenticated("There is no account with this e-mail address and password.");

/// Sign in
///
/// With an e-mail address and its password.
#[utoipa::path(
    post, path = "/api/v1/sessions", operation_id = "signIn", tag = "accounts",
    request_body(content = Credentials, example = examples::credentials),
    responses((status = 200, description = "An access token.", body = Session, example = examples::session)),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let Credentials { email, password } = context.json(MAX_BODY).await?;
    let budget = admit(&context, Some(&email))?;
    let app = &context.app;
    // A login that is not looked at is not to cost a query either.
    let place = app.hasher.reserve()?;
    let found = {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        accounts::find_by_email(&mut connection, email.trim()).await.map_err(DatabaseError::from)?
    };
    let (account, password_hash) = found.unzip();
    let is_right = app.hasher.verify(place, password, password_hash).await?;
    let account = account.filter(|_| is_right).ok_or(WRONG)?;
    let issued = app.tokens.issue(&account.subject, role(&account), account.verified_at.is_some());
    let issued = issued.ok_or(ApiError::AccountsElsewhere)?;
    let session =
        Session { access_token: issued.access_token, token_type: "Bearer", expires_in: issued.expires_in };
    let mut response = json(StatusCode::OK, &session);
    // RFC 6749, section 5.1.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(budget.on(response))
}
