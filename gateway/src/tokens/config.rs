//! Whose tokens are believed: the settings, and the keys that they lead to.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use jsonwebtoken::EncodingKey;
use pollster_shared::config::StartError;

use super::key::{Key, KeyError};
use super::{jwks, pem};

/// As long as HS256's hash (RFC 7518, section 3.2).
const MIN_SECRET: usize = 32;
const SECRET: &str = "JWT_SECRET";
const PUBLIC_KEY_FILE: &str = "JWT_PUBLIC_KEY_FILE";
const JWKS_FILE: &str = "JWKS_FILE";

/// Whose tokens are believed: exactly one of the first three is needed. Each takes several, separated by
/// commas: the first secret signs, all verify.
#[derive(Clone, Default, Args)]
pub struct TokenConfig {
    /// Secrets of at least 32 characters that sign (the first) and verify access tokens, comma-separated
    #[arg(long, env = SECRET, hide_env_values = true)]
    pub jwt_secret: Option<String>,
    /// Files with a PEM public key each (RS256, ES256, EdDSA) of an identity provider, comma-separated
    #[arg(long, env = PUBLIC_KEY_FILE, hide_env_values = true)]
    pub jwt_public_key_file: Option<String>,
    /// Files with a JSON Web Key Set each of an identity provider, comma-separated
    #[arg(long, env = JWKS_FILE, hide_env_values = true)]
    pub jwks_file: Option<String>,
    /// Issuer that tokens must name, and that ours do; any if absent
    #[arg(long, env = "JWT_ISSUER", value_parser = NonEmptyStringValueParser::new())]
    pub jwt_issuer: Option<String>,
    /// Audience that tokens must name, and that ours do; any if absent
    #[arg(long, env = "JWT_AUDIENCE", value_parser = NonEmptyStringValueParser::new())]
    pub jwt_audience: Option<String>,
}

impl TokenConfig {
    /// All keys that verify, and the one that signs.
    pub(super) fn keys(&self) -> Result<(Vec<Key>, Option<EncodingKey>), StartError> {
        // An empty variable is one that is not set.
        let [secrets, public_keys, key_sets] = [&self.jwt_secret, &self.jwt_public_key_file, &self.jwks_file]
            .map(|given| given.as_deref().filter(|value| !value.is_empty()));
        let (keys, signer) = match (secrets, public_keys, key_sets) {
            (Some(secrets), None, None) => (keys_of(secrets)?, signer(secrets)),
            (None, Some(files), None) => {
                (read(PUBLIC_KEY_FILE, files, |text| Ok(vec![pem::key(text)?]))?, None)
            }
            (None, None, Some(files)) => (read(JWKS_FILE, files, jwks::keys)?, None),
            (None, None, None) => {
                let problem = format!("is required, or {PUBLIC_KEY_FILE} or {JWKS_FILE} instead");
                return Err(StartError::setting(SECRET, problem));
            }
            _ => {
                let problem = format!("only one of it, {PUBLIC_KEY_FILE} and {JWKS_FILE} may be set");
                return Err(StartError::setting(SECRET, problem));
            }
        };
        let (issuer, audience) = (self.jwt_issuer.as_deref(), self.jwt_audience.as_deref());
        Ok((keys.into_iter().map(|key| key.demanding(issuer, audience)).collect(), signer))
    }
}

impl std::fmt::Debug for TokenConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenConfig(…)")
    }
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

fn keys_of(secrets: &str) -> Result<Vec<Key>, StartError> {
    if parts(secrets).any(|secret| secret.chars().count() < MIN_SECRET) {
        let problem = format!(
            "takes at least {MIN_SECRET} characters, for instance from `openssl rand -hex 32`; \
             several secrets with a comma between them"
        );
        return Err(StartError::setting(SECRET, problem));
    }
    Ok(parts(secrets).map(Key::secret).collect())
}

fn signer(secrets: &str) -> Option<EncodingKey> {
    parts(secrets).next().map(|secret| EncodingKey::from_secret(secret.as_bytes()))
}

/// The keys in files, which are told apart by their number: a value that is no name at all may be a key.
fn read(
    variable: &'static str,
    files: &str,
    parse: fn(&str) -> Result<Vec<Key>, KeyError>,
) -> Result<Vec<Key>, StartError> {
    let mut keys = Vec::new();
    for (number, file) in (1..).zip(parts(files)) {
        let text = std::fs::read_to_string(file).map_err(|error| {
            StartError::setting(
                variable,
                format!("takes names of files; file {number} can't be read: {error}"),
            )
        })?;
        keys.extend(parse(&text).map_err(|takes| {
            StartError::setting(variable, format!("file {number} can't be used; takes {takes}"))
        })?);
    }
    Ok(keys)
}
