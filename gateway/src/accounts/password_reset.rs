//! `POST /api/v1/accounts/password-reset`

use pollster_shared::accounts::Purpose;

use super::verification::{Addressee, mail};
use crate::error::ApiError;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::Response;

/// Mail a link to set another password
///
/// The answer is the same where nobody has an account with the e-mail address.
#[utoipa::path(
    post, path = "/api/v1/accounts/password-reset", operation_id = "mailPasswordReset", tag = "accounts",
    request_body(content = Addressee, example = examples::addressee),
    responses((status = 202, description = "A mail goes to whoever has such an account.")),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    mail(context, Purpose::ResetPassword).await
}
