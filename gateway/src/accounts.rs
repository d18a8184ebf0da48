//! Accounts over REST: registering, verifying, signing in, forgotten passwords, leaving.
//!
//! Accounts are kept here only where the gateway signs access tokens itself. Where an identity provider's
//! tokens are believed it keeps the accounts, and all but `/me` answers 404.

mod fields;
mod hasher;
mod mailing;
pub(crate) mod me;
pub(crate) mod me_change;
mod password;
pub(crate) mod password_change;
pub(crate) mod password_reset;
pub(crate) mod register;
pub(crate) mod sign_in;
pub(crate) mod verification;
pub(crate) mod verify;
mod view;

pub(crate) use hasher::Hasher;
pub(crate) use mailing::Mailing;

use crate::error::ApiError;
use crate::limits::Budget;
use crate::request::Context;

/// More than the longest valid fields take, every character escaped.
const MAX_BODY: usize = 8 * 1024;

/// What must hold before any of this is done: accounts are kept here, and whoever asks does not ask too often,
/// for the account of `email` where one is named.
fn admit(context: &Context, email: Option<&str>) -> Result<Budget, ApiError> {
    if !context.app.tokens.issues() {
        return Err(ApiError::AccountsElsewhere);
    }
    context.app.limits.login(context.address(), email)
}
