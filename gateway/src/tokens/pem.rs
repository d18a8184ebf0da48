//! A public key as a PEM file (RFC 7468).

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::key::{Key, KeyError};

const TAKES: KeyError =
    "one PEM public key a file, RSA, P-256 or Ed25519, as `openssl pkey -pubout` writes it";
const NO_PRIVATE_KEY: KeyError = "the public key; this file has a private one, which only its owner needs";

/// The key in `text`.
pub(super) fn key(text: &str) -> Result<Key, KeyError> {
    if text.contains("PRIVATE KEY") {
        return Err(NO_PRIVATE_KEY);
    }
    let is_public = ["-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----"];
    if text.matches("-----BEGIN ").count() != 1 || !is_public.iter().any(|label| text.contains(label)) {
        return Err(TAKES);
    }
    let pem = text.as_bytes();
    if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
        Key::public(Algorithm::RS256, rsa_components(&key).ok_or(TAKES)?)
    } else if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        Key::public(Algorithm::ES256, key)
    } else {
        Key::public(Algorithm::EdDSA, DecodingKey::from_ed_pem(pem).map_err(|_| TAKES)?)
    }
}

/// The same key as numbers, so that its size is known.
fn rsa_components(key: &DecodingKey) -> Option<DecodingKey> {
    match Jwk::from_decoding_key(key, None).ok()?.algorithm {
        AlgorithmParameters::RSA(rsa) => DecodingKey::from_rsa_components(&rsa.n, &rsa.e).ok(),
        _ => None,
    }
}
