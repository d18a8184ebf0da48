//! Tokens of an identity provider: its public keys are all we have.

use std::path::{Path, PathBuf};

use hyper::{Method, StatusCode};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use pollster_integration::{Builder, Scratch};
use serde_json::{Value, json};

use super::{assert_believed, assert_refused, create, list, signed_by};

/// The folder of the test keys.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../keys")
}

/// A gateway that has no secret.
pub(super) fn gateway() -> Builder {
    super::gateway().env("JWT_SECRET", "")
}

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

fn p256(name: &str) -> EncodingKey {
    EncodingKey::from_ec_pem(&pem(name)).unwrap()
}

/// The provider's pairs.
pub(super) fn pairs() -> [(EncodingKey, Algorithm); 3] {
    [
        (EncodingKey::from_rsa_pem(&pem("rsa.pem")).unwrap(), Algorithm::RS256),
        (p256("p256.pem"), Algorithm::ES256),
        (EncodingKey::from_ed_pem(&pem("ed25519.pem")).unwrap(), Algorithm::EdDSA),
    ]
}

fn public(key: &EncodingKey, algorithm: Algorithm, kid: Option<&str>) -> Value {
    let mut public = json!(Jwk::from_encoding_key(key, algorithm).unwrap());
    if let Some(kid) = kid {
        public["kid"] = json!(kid);
    }
    public
}

fn key_set(folder: &Scratch, keys: &[Value]) -> String {
    let file = folder.path().join("jwks.json");
    std::fs::write(&file, json!({"keys": keys}).to_string()).unwrap();
    file.display().to_string()
}

#[tokio::test]
async fn a_key_set_verifies_by_key_id() {
    let scratch = Scratch::new("jwks").unwrap();
    let [(rsa, _), (ec, _), (ed, _)] = pairs();
    let other = p256("p256-other.pem");
    let keys = [
        public(&rsa, Algorithm::RS256, Some("rsa")),
        public(&ec, Algorithm::ES256, Some("ec")),
        public(&other, Algorithm::ES256, Some("other")),
        public(&ed, Algorithm::EdDSA, Some("ed")),
    ];
    let stack = gateway().env("JWKS_FILE", key_set(&scratch, &keys)).start().await;
    let owners = [
        (&rsa, Algorithm::RS256, "rsa"),
        (&ec, Algorithm::ES256, "ec"),
        (&other, Algorithm::ES256, "other"),
        (&ed, Algorithm::EdDSA, "ed"),
    ];
    for (key, algorithm, own) in owners {
        for kid in [Some(own), None] {
            assert_believed(&stack, own, &signed_by(key, algorithm, kid)).await;
        }
        for kid in ["rsa", "ec", "other", "ed"].into_iter().filter(|kid| *kid != own) {
            let what = format!("{own} as {kid}");
            assert_refused(&stack, &what, &signed_by(key, algorithm, Some(kid)), "unauthenticated").await;
        }
        for kid in ["", "unknown", "RSA", "../rsa"] {
            assert_refused(&stack, kid, &signed_by(key, algorithm, Some(kid)), "unauthenticated").await;
        }
    }
    // RSA has other algorithms, which this key is not for.
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let token = signed_by(&rsa, algorithm, Some("rsa"));
        assert_refused(&stack, "RSA otherwise", &token, "unauthenticated").await;
    }
}

#[tokio::test]
async fn keys_without_an_id_are_tried_one_after_the_other() {
    let scratch = Scratch::new("jwks").unwrap();
    let (first, second) = (p256("p256.pem"), p256("p256-other.pem"));
    let [(rsa, _), _, (ed, _)] = pairs();
    let keys = [public(&first, Algorithm::ES256, None), public(&second, Algorithm::ES256, None)];
    let stack = gateway().env("JWKS_FILE", key_set(&scratch, &keys)).start().await;
    for key in [&first, &second] {
        for kid in [None, Some("2026-11")] {
            assert_believed(&stack, "one of them", &signed_by(key, Algorithm::ES256, kid)).await;
        }
    }
    for (key, algorithm) in [(&rsa, Algorithm::RS256), (&ed, Algorithm::EdDSA)] {
        assert_refused(&stack, "none", &signed_by(key, algorithm, None), "unauthenticated").await;
    }
}

#[tokio::test]
async fn an_identity_providers_account_owns_the_polls_it_makes() {
    let key_file = folder().join("p256.pub.pem");
    let stack = gateway().env("JWT_PUBLIC_KEY_FILE", key_file.display()).start().await;
    let authorization = format!("Bearer {}", signed_by(&p256("p256.pem"), Algorithm::ES256, None));
    let made: Vec<Value> = [create(&stack, &authorization).await, create(&stack, &authorization).await]
        .into_iter()
        .map(|reply| reply.expect(StatusCode::CREATED).unwrap().json().unwrap())
        .collect();
    assert!(made.iter().all(|poll| poll.get("manage_token").is_none()));
    let list: Value = list(&stack, &authorization).await.expect(StatusCode::OK).unwrap().json().unwrap();
    let listed: Vec<&Value> = list["polls"].as_array().unwrap().iter().map(|poll| &poll["poll_id"]).collect();
    assert_eq!(listed, [&made[1]["poll_id"], &made[0]["poll_id"]]);
    let headers = [("authorization", authorization.as_str())];
    let close = format!("/api/v1/polls/{}/close", made[0]["poll_id"].as_str().unwrap());
    assert_eq!(stack.request(Method::POST, &close, &headers, "").await.status, 200);
}
