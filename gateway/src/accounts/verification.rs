//! `POST /api/v1/accounts/verification`

use hyper::StatusCode;
use pollster_shared::accounts::Purpose;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MAX_BODY, admit, mailing};
use crate::error::ApiError;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, empty};

/// Whose mail it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Addressee {
    email: String,
}

/// Mail the verification link again
///
/// The answer is the same where nobody has an account with the e-mail address.
#[utoipa::path(
    post, path = "/api/v1/accounts/verification", operation_id = "mailVerification", tag = "accounts",
    request_body(content = Addressee, example = examples::addressee),
    responses((status = 202, description = "A mail goes to whoever has such an account, not verified yet.")),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    mail(context, Purpose::VerifyEmail).await
}

/// Mails a link to whoever has an account with the e-mail address in the body. The answer is the same where
/// nobody has one.
pub(super) async fn mail(mut context: Context, purpose: Purpose) -> Result<Response, ApiError> {
    let Addressee { email } = context.json(MAX_BODY).await?;
    let budget = admit(&context, Some(&email))?;
    mailing::request(&context.app, email.trim().to_owned(), purpose)?;
    Ok(budget.on(empty(StatusCode::ACCEPTED)))
}
