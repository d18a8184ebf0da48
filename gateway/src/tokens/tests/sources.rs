//! Where keys come from: secrets, PEM files, key sets.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

use crate::tokens::{TokenConfig, Tokens, jwks, pem};

use super::{FIRST, SECOND, secrets};

const RSA: &str = include_str!("../../../../tests/keys/rsa.pem");
const RSA_PUBLIC: &str = include_str!("../../../../tests/keys/rsa.pub.pem");
const RSA_PKCS1_PUBLIC: &str = include_str!("../../../../tests/keys/rsa.pkcs1.pub.pem");
const RSA_1024_PUBLIC: &str = include_str!("../../../../tests/keys/rsa-1024.pub.pem");
const P256: &str = include_str!("../../../../tests/keys/p256.pem");
const P256_PUBLIC: &str = include_str!("../../../../tests/keys/p256.pub.pem");
const P384_PUBLIC: &str = include_str!("../../../../tests/keys/p384.pub.pem");
const SECP256K1_PUBLIC: &str = include_str!("../../../../tests/keys/secp256k1.pub.pem");
const ED25519: &str = include_str!("../../../../tests/keys/ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("../../../../tests/keys/ed25519.pub.pem");
const ED448_PUBLIC: &str = include_str!("../../../../tests/keys/ed448.pub.pem");

fn error(config: &TokenConfig) -> String {
    Tokens::new(config).unwrap_err().to_string()
}

#[test]
fn a_secret_has_32_characters() {
    for good in ["x".repeat(32), "ß".repeat(32), format!("{FIRST},{SECOND}"), format!(" {FIRST} , {SECOND} ")]
    {
        assert!(Tokens::new(&secrets(&good)).is_ok(), "{good}");
    }
    let short = "x".repeat(31);
    for bad in [" ", &short, &format!("{short} "), &format!("{FIRST},"), &format!("{FIRST},{short}")] {
        let error = error(&secrets(bad));
        assert!(error.starts_with("JWT_SECRET: takes at least 32") && !error.contains("xxx"), "{error}");
    }
}

#[test]
fn exactly_one_source_is_needed() {
    let all = [Some(FIRST.to_owned()), Some("a.pem".to_owned()), Some("jwks.json".to_owned())];
    for given in [0b000, 0b011, 0b101, 0b110, 0b111] {
        let [jwt_secret, jwt_public_key_file, jwks_file] =
            [0, 1, 2].map(|place| all[place].clone().filter(|_| given & (1 << place) != 0));
        let error =
            error(&TokenConfig { jwt_secret, jwt_public_key_file, jwks_file, ..TokenConfig::default() });
        for variable in ["JWT_SECRET", "JWT_PUBLIC_KEY_FILE", "JWKS_FILE"] {
            assert!(error.contains(variable), "{given:b}: {error}");
        }
        assert!(!error.contains(FIRST) && !error.contains("a.pem"), "{error}");
    }
    // An empty variable is one that is not set.
    let empty = || Some(String::new());
    let others = TokenConfig { jwt_public_key_file: empty(), jwks_file: empty(), ..TokenConfig::default() };
    assert!(error(&others).contains("is required"));
    assert!(Tokens::new(&TokenConfig { jwt_secret: Some(FIRST.to_owned()), ..others }).is_ok());
}

#[test]
fn a_file_that_can_not_be_read_is_counted_not_named() {
    let files = Some("/dev/null/a, /dev/null/b".to_owned());
    let pem = error(&TokenConfig { jwt_public_key_file: files.clone(), ..TokenConfig::default() });
    assert!(pem.starts_with("JWT_PUBLIC_KEY_FILE: ") && pem.contains("file 1"), "{pem}");
    let jwks = error(&TokenConfig { jwks_file: files, ..TokenConfig::default() });
    assert!(jwks.starts_with("JWKS_FILE: ") && jwks.contains("file 1"), "{jwks}");
    assert!(!pem.contains("null") && !jwks.contains("null"), "{pem} {jwks}");
}

#[test]
fn a_pem_file_has_one_public_key_that_decides_its_algorithm() {
    for (text, algorithm) in [
        (RSA_PUBLIC, Algorithm::RS256),
        (RSA_PKCS1_PUBLIC, Algorithm::RS256),
        (P256_PUBLIC, Algorithm::ES256),
        (ED25519_PUBLIC, Algorithm::EdDSA),
    ] {
        assert_eq!(pem::key(text).unwrap().validation.algorithms, [algorithm]);
    }
    let two = format!("{P256_PUBLIC}{RSA_PUBLIC}");
    let cut = &RSA_PUBLIC[..RSA_PUBLIC.len() / 2];
    let empty = "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n";
    let unusable =
        [RSA_1024_PUBLIC, P384_PUBLIC, SECP256K1_PUBLIC, ED448_PUBLIC, &two, cut, empty, "", "ssh"];
    for text in unusable {
        assert!(pem::key(text).is_err_and(|takes| takes.contains("RSA")), "{text}");
    }
    for text in [RSA, P256, ED25519, &format!("{P256_PUBLIC}{P256}")] {
        assert!(pem::key(text).is_err_and(|takes| takes.contains("private")));
    }
}

/// The public key of a pair, as a provider serves it.
fn web_key(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Value {
    let mut web_key = json!(Jwk::from_encoding_key(key, algorithm).unwrap());
    web_key["kid"] = json!(kid);
    web_key["use"] = json!("sig");
    web_key
}

fn p256() -> Value {
    web_key(&EncodingKey::from_ec_pem(P256.as_bytes()).unwrap(), Algorithm::ES256, "p256")
}

#[test]
fn a_key_set_has_signing_keys_of_three_kinds() {
    let rsa = web_key(&EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap(), Algorithm::RS256, "rsa");
    let ed = web_key(&EncodingKey::from_ed_pem(ED25519.as_bytes()).unwrap(), Algorithm::EdDSA, "ed");
    let mut for_encryption = rsa.clone();
    for_encryption["use"] = json!("enc");
    for_encryption["alg"] = json!("RSA-OAEP");
    let mut plain = p256();
    plain.as_object_mut().unwrap().retain(|name, _| ["kty", "crv", "x", "y"].contains(&name.as_str()));
    let keys = jwks::keys(&json!({"keys": [rsa, for_encryption, p256(), ed, plain]}).to_string()).unwrap();
    let found: Vec<_> = keys.iter().map(|key| (key.id.as_deref(), key.validation.algorithms[0])).collect();
    assert_eq!(
        found,
        [
            (Some("rsa"), Algorithm::RS256),
            (Some("p256"), Algorithm::ES256),
            (Some("ed"), Algorithm::EdDSA),
            (None, Algorithm::ES256),
        ]
    );
}

#[test]
fn a_key_set_that_can_not_be_used_is_refused() {
    let with = |name: &str, value: Value| {
        let mut key = p256();
        key[name] = value;
        json!({"keys": [key]}).to_string()
    };
    let small = Jwk::from_decoding_key(&DecodingKey::from_rsa_pem(RSA_1024_PUBLIC.as_bytes()).unwrap(), None);
    for text in [
        String::new(),
        "{}".to_owned(),
        json!([p256()]).to_string(),
        json!({"keys": []}).to_string(),
        with("use", json!("enc")),
        with("kty", json!("AKP")),
        with("kty", json!(null)),
        with("kid", json!(1)),
        with("crv", json!("P-384")),
        with("crv", json!("secp256k1")),
        with("alg", json!("ES384")),
        with("alg", json!("HS256")),
        with("x", json!("AAAA")),
        with("y", json!(null)),
        with("y", p256()["x"].clone()),
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}).to_string(),
        json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}).to_string(),
        json!({"keys": [small.unwrap()]}).to_string(),
    ] {
        assert!(jwks::keys(&text).is_err(), "{text}");
    }
    let secret = json!({"keys": [p256(), {"kty": "oct", "k": "c2VjcmV0"}]}).to_string();
    for text in [with("d", json!("AAAA")), secret] {
        assert!(jwks::keys(&text).is_err_and(|takes| takes.contains("private")), "{text}");
    }
}
