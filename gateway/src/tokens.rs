//! Access tokens (JWT, RFC 7519): who an account is, by its own word signed by us or by the installation's
//! identity provider.

mod claims;
mod config;
mod expiry;
mod jwks;
mod key;
mod pem;
#[cfg(test)]
mod tests;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{EncodingKey, Header, decode, decode_header, encode, get_current_timestamp};
use pollster_shared::config::StartError;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::ApiError;
use claims::{Claims, IssuedClaims};
use key::Key;

pub use config::TokenConfig;
pub use expiry::Expiry;

/// How long an access token of ours is valid, in seconds.
const LIFE: u64 = 3600;

/// What an account may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What everybody may.
    #[default]
    User,
    /// What every poll's creator may, for all polls.
    Admin,
}

impl<'de> Deserialize<'de> for Role {
    /// Whatever is not `admin` is a user: identity providers have roles of their own.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let role = serde_json::Value::deserialize(deserializer)?;
        Ok(if role == "admin" { Self::Admin } else { Self::User })
    }
}

/// Who a valid token says that its bearer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The token's `sub`: for our own accounts their id, else whatever the identity provider calls them.
    pub subject: String,
    /// What they may do.
    pub role: Role,
    /// Whether their e-mail address is verified.
    pub email_verified: bool,
    /// When the token ends.
    pub expiry: Expiry,
}

/// A token that we signed.
#[derive(Clone, Serialize)]
pub struct Issued {
    /// The token, for `Authorization: Bearer`.
    pub access_token: String,
    /// Seconds that it is valid for.
    pub expires_in: u64,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was valid once.
    #[error("the access token has expired")]
    Expired,
    /// Anything else. Which, is of use to forgers only.
    #[error("the access token is not valid")]
    Invalid,
}

/// Verifies tokens, and signs them where there is a secret.
pub struct Tokens {
    keys: Vec<Key>,
    /// The first secret; none where only public keys are configured.
    signer: Option<EncodingKey>,
    issuer: Option<String>,
    audience: Option<String>,
}

impl Tokens {
    /// Reads the keys, and prepares all that is the same for every token.
    ///
    /// # Errors
    /// Names the variable at fault, and what it takes.
    pub fn new(config: &TokenConfig) -> Result<Self, StartError> {
        let (keys, signer) = config.keys()?;
        let TokenConfig { jwt_issuer: issuer, jwt_audience: audience, .. } = config.clone();
        Ok(Self { keys, signer, issuer, audience })
    }

    /// The account that `token` stands for.
    ///
    /// # Errors
    /// [`ApiError::TokenExpired`], and [`ApiError::TokenInvalid`] for whatever else is wrong with it.
    pub(crate) fn verify(&self, token: &str) -> Result<Account, ApiError> {
        self.check(token).map_err(|error| match error {
            TokenError::Expired => ApiError::TokenExpired,
            TokenError::Invalid => ApiError::TokenInvalid,
        })
    }

    /// [`verify`](Self::verify) for callers that are no request.
    ///
    /// # Errors
    /// Where the token is not valid, or not any more.
    pub fn check(&self, token: &str) -> Result<Account, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // It names extensions that must be understood (RFC 7515, section 4.1.11), and we know none.
        if header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        for key in self.keys.iter().filter(|key| key.may_verify(&header)) {
            match decode::<Claims>(token, &key.key, &key.validation) {
                Ok(token) => return token.claims.account().ok_or(TokenError::Invalid),
                Err(error) => match error.kind() {
                    // Another key's perhaps.
                    ErrorKind::InvalidSignature => {}
                    ErrorKind::ExpiredSignature => return Err(TokenError::Expired),
                    _ => return Err(TokenError::Invalid),
                },
            }
        }
        Err(TokenError::Invalid)
    }

    /// Whether accounts are our own, and not an identity provider's.
    pub(crate) fn issues(&self) -> bool {
        self.signer.is_some()
    }

    /// A token for one of our own accounts; `None` where an identity provider signs instead.
    pub fn issue(&self, subject: &str, role: Role, email_verified: bool) -> Option<Issued> {
        let now = get_current_timestamp();
        let claims = IssuedClaims {
            sub: subject,
            role,
            email_verified,
            iat: now,
            exp: now + LIFE,
            iss: self.issuer.as_deref(),
            aud: self.audience.as_deref(),
        };
        // HS256 is the header's default.
        match encode(&Header::default(), &claims, self.signer.as_ref()?) {
            Ok(access_token) => Some(Issued { access_token, expires_in: LIFE }),
            Err(error) => unreachable!("a secret signs any claims: {error}"),
        }
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}
