//! What a token says.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Account, Expiry, Role};

/// OpenID Connect's bound for `sub` (Core 1.0, section 2), in characters.
const MAX_SUBJECT: usize = 255;

/// What we read of a token; all else, and whether it is valid now, is the validation's.
#[derive(Deserialize)]
pub(super) struct Claims {
    sub: String,
    #[serde(default)]
    role: Role,
    #[serde(default, deserialize_with = "is_true")]
    email_verified: bool,
    #[serde(rename = "exp")]
    expiry: Expiry,
}

impl Claims {
    /// The account, if its subject can be one.
    pub(super) fn account(self) -> Option<Account> {
        let Self { sub: subject, role, email_verified, expiry } = self;
        let length = subject.chars().take(MAX_SUBJECT + 1).count();
        // PostgreSQL's text holds no NUL.
        let is_valid = (1..=MAX_SUBJECT).contains(&length) && !subject.contains('\0');
        is_valid.then_some(Account { subject, role, email_verified, expiry })
    }
}

/// Nothing but `true` verifies an address.
fn is_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)? == true)
}

/// What we write into a token.
#[derive(Serialize)]
pub(super) struct IssuedClaims<'a> {
    pub(super) sub: &'a str,
    pub(super) role: Role,
    pub(super) email_verified: bool,
    /// Seconds since 1970, as `exp`.
    pub(super) iat: u64,
    pub(super) exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<&'a str>,
}
