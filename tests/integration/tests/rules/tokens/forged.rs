//! Tokens that nobody signed who may.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto, encode};
use serde_json::{Value, json};

use super::{SECRET, assert_believed, assert_refused, claims, signed, signed_by, with_secret};

fn encoded(part: &Value) -> String {
    BASE64.encode(part.to_string())
}

/// A token with any header, signed as HS256 with `secret`.
fn with_header(header: &Value, secret: &str) -> String {
    let message = format!("{}.{}", encoded(header), encoded(&claims(&json!({}))));
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let stack = with_secret().await;
    let token = signed(SECRET, json!({}));
    assert_believed(&stack, "the token itself", &token).await;
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let as_admin = encoded(&claims(&json!({"role": "admin"})));
    let mut bytes = BASE64.decode(signature).unwrap();
    bytes[31] ^= 1;
    let last_bit = BASE64.encode(&bytes);
    for (what, forged) in [
        ("another payload", format!("{header}.{as_admin}.{signature}")),
        ("another signature", format!("{header}.{payload}.{last_bit}")),
        ("a short signature", format!("{header}.{payload}.{}", BASE64.encode(&bytes[..16]))),
        ("zeros for a signature", format!("{header}.{payload}.{}", BASE64.encode([0; 32]))),
        ("no signature", format!("{header}.{payload}.")),
        ("no third part", format!("{header}.{payload}")),
        ("one part", header.to_owned()),
        ("four parts", format!("{token}.{signature}")),
        ("no payload", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("dots", "...".to_owned()),
        ("cut off", token[..token.len() - 1].to_owned()),
        ("padded", format!("{token}=")),
        ("a space in it", format!("{header}. {payload}.{signature}")),
        ("not base64", "!!!.!!!.!!!".to_owned()),
        ("not ASCII", "ä.ö.ü".to_owned()),
        ("not JSON", format!("{}.{}.{signature}", BASE64.encode("x"), BASE64.encode([0xff; 9]))),
        ("a header of arrays", format!("{}.{payload}.{signature}", BASE64.encode("[".repeat(2000)))),
        ("very long", "x".repeat(8000)),
        ("nothing but a name", "null".to_owned()),
    ] {
        assert_refused(&stack, what, &forged, "unauthenticated").await;
    }
    for secret in ["", "secret", &SECRET[1..], &SECRET.to_uppercase()] {
        assert_refused(&stack, "another secret", &signed(secret, json!({})), "unauthenticated").await;
    }
}

#[tokio::test]
async fn the_algorithm_none_is_none() {
    let stack = with_secret().await;
    let payload = encoded(&claims(&json!({})));
    let signature = crypto::sign(b"", &EncodingKey::from_secret(b""), Algorithm::HS256).unwrap();
    for alg in ["none", "None", "NONE", "nOnE", " none", "none ", "", "null", "plain"] {
        let header = encoded(&json!({"alg": alg, "typ": "JWT"}));
        for signature in ["", &signature] {
            let token = format!("{header}.{payload}.{signature}");
            assert_refused(&stack, alg, &token, "unauthenticated").await;
        }
        // Not even where the signature is right for the algorithm that it should have named.
        let token = with_header(&json!({"alg": alg}), SECRET);
        assert_refused(&stack, alg, &token, "unauthenticated").await;
    }
    for alg in [json!(null), json!(0), json!(["HS256"]), json!({"HS256": "none"})] {
        let token = with_header(&json!({"alg": alg}), SECRET);
        assert_refused(&stack, &alg.to_string(), &token, "unauthenticated").await;
    }
}

#[tokio::test]
async fn a_header_can_not_choose_how_it_is_verified() {
    let stack = with_secret().await;
    assert_believed(&stack, "HS256", &with_header(&json!({"alg": "HS256"}), SECRET)).await;
    let of_theirs = "a secret that a forger brings along";
    let jwk = json!({"kty": "oct", "k": BASE64.encode(of_theirs)});
    for (what, header) in [
        ("a key of its own", json!({"alg": "HS256", "jwk": jwk})),
        ("an address of keys", json!({"alg": "HS256", "jku": "http://127.0.0.1:1/keys"})),
        ("a file for an id", json!({"alg": "HS256", "kid": "/dev/null"})),
    ] {
        assert_refused(&stack, what, &with_header(&header, of_theirs), "unauthenticated").await;
    }
    // We understand no extension, so none may be critical (RFC 7515, section 4.1.11).
    for extensions in [json!(["b64"]), json!(["exp"]), json!([])] {
        let header = json!({"alg": "HS256", "b64": true, "crit": extensions});
        assert_refused(&stack, "crit", &with_header(&header, SECRET), "unauthenticated").await;
    }
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = encode(&Header::new(algorithm), &claims(&json!({})), &key).unwrap();
        assert_refused(&stack, "another hash", &token, "unauthenticated").await;
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    let folder = super::identity_provider::folder();
    let files = ["rsa.pub.pem", "p256.pub.pem", "ed25519.pub.pem"].map(|name| folder.join(name));
    let list = files.each_ref().map(|file| file.display().to_string()).join(",");
    let stack = super::identity_provider::gateway().env("JWT_PUBLIC_KEY_FILE", list).start().await;
    for (key, algorithm) in super::identity_provider::pairs() {
        // An identity provider names its keys, also to those who keep them in files.
        for kid in [None, Some("2026-11")] {
            assert_believed(&stack, "the owner's", &signed_by(&key, algorithm, kid)).await;
        }
    }
    for file in files {
        let pem = std::fs::read_to_string(&file).unwrap();
        let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = base64::prelude::BASE64_STANDARD.decode(der).unwrap();
        for secret in [pem.as_bytes(), pem.trim_end().as_bytes(), &der, &der[der.len() - 32..]] {
            let key = EncodingKey::from_secret(secret);
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let forged = signed_by(&key, algorithm, None);
                assert_refused(&stack, &file.display().to_string(), &forged, "unauthenticated").await;
            }
        }
    }
}
