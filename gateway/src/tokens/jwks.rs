//! An identity provider's public keys as a JSON Web Key Set (RFC 7517).

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::key::{Key, KeyError};

const TAKES: KeyError = "a JSON Web Key Set whose signing keys are RSA, EC with P-256 or OKP with Ed25519, for RS256, ES256 or EdDSA";
const NO_PRIVATE_KEY: KeyError =
    "public keys; this file has a private one or a secret, which only its owner needs";
const NO_KEY: KeyError = "a JSON Web Key Set with at least one signing key";

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<WebKey>,
}

#[derive(Deserialize)]
struct WebKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part of any pair.
    d: Option<IgnoredAny>,
    /// A secret.
    k: Option<IgnoredAny>,
}

/// The signing keys in `text`. Others of the provider, for encryption, are passed over.
pub(super) fn keys(text: &str) -> Result<Vec<Key>, KeyError> {
    let set: KeySet = serde_json::from_str(text).map_err(|_| TAKES)?;
    if set.keys.iter().any(|key| key.d.is_some() || key.k.is_some()) {
        return Err(NO_PRIVATE_KEY);
    }
    let signing = set.keys.into_iter().filter(|key| key.r#use.as_deref().is_none_or(|usage| usage == "sig"));
    let keys: Vec<Key> = signing.map(WebKey::into_key).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(NO_KEY) } else { Ok(keys) }
}

impl WebKey {
    fn into_key(self) -> Result<Key, KeyError> {
        let (algorithm, name) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => (Algorithm::RS256, "RS256"),
            ("EC", Some("P-256")) => (Algorithm::ES256, "ES256"),
            ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, "EdDSA"),
            _ => return Err(TAKES),
        };
        if self.alg.as_deref().is_some_and(|alg| alg != name) {
            return Err(TAKES);
        }
        let key = self.decoding_key(algorithm).ok_or(TAKES)?;
        Ok(Key { id: self.kid, ..Key::public(algorithm, key)? })
    }

    fn decoding_key(&self, algorithm: Algorithm) -> Option<DecodingKey> {
        let key = match algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_components(self.n.as_deref()?, self.e.as_deref()?),
            Algorithm::ES256 => DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?),
            _ => DecodingKey::from_ed_components(self.x.as_deref()?),
        };
        key.ok()
    }
}
