//! `POST /api/v1/accounts/verify`

use hyper::StatusCode;
use pollster_shared::accounts;
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::FieldError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MAX_BODY, admit};
use crate::error::ApiError;
use crate::guard;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, empty};

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmailVerification)]
struct Verification {
    token: String,
}

/// Verify an e-mail address
///
/// By the token of the mailed link, once.
#[utoipa::path(
    post, path = "/api/v1/accounts/verify", operation_id = "verifyEmail", tag = "accounts",
    request_body(content = Verification, example = examples::verification),
    responses((status = 204, description = "It is verified. Access tokens say so from the next sign-in on.")),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let Verification { token } = context.json(MAX_BODY).await?;
    let budget = admit(&context, None)?;
    let app = context.app;
    // A client that hangs up must not leave a transaction half-way.
    let verified = guard::finish(context.place, async move {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        Ok::<_, DatabaseError>(accounts::verify_email(&mut connection, &app.secret, &token).await?)
    });
    if verified.await? {
        Ok(budget.on(empty(StatusCode::NO_CONTENT)))
    } else {
        Err(ApiError::InvalidAccount(vec![bad_token()]))
    }
}

/// The same for a token that never was, was used or has expired.
pub(super) fn bad_token() -> FieldError {
    FieldError::new("token", "is not valid any more: ask for another mail")
}
