//! Keys that the gateway does not start with.

use std::fs;

use pollster_integration::Scratch;
use serde_json::json;

use super::identity_provider::folder;
use crate::configuration::{GATEWAY, run, said, with};

/// Holds that the gateway ends with 64, names the variable and what it takes, and shows nothing of its value.
fn assert_ends_the_start(variable: &str, value: &str, takes: &str, hidden: &str) {
    let mut env = with("JWT_SECRET", "");
    env.push((variable, value));
    let output = run(GATEWAY, &[], &env);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(64), "{variable}: {said}");
    assert!(said.contains(variable) && said.contains(takes), "{variable} {takes}: {said}");
    assert!(!said.contains(hidden), "{variable}: {said}");
}

#[test]
fn a_key_file_that_can_not_be_used_ends_the_start() {
    let file = |name: &str| folder().join(name).display().to_string();
    for name in ["rsa-1024.pub.pem", "p384.pub.pem", "secp256k1.pub.pem", "ed448.pub.pem", "README.md"] {
        assert_ends_the_start("JWT_PUBLIC_KEY_FILE", &file(name), "RSA", name);
    }
    for name in ["rsa.pem", "p256.pem", "ed25519.pem"] {
        assert_ends_the_start("JWT_PUBLIC_KEY_FILE", &file(name), "the public key", "BEGIN");
        let second = format!("{},{}", file("rsa.pub.pem"), file(name));
        assert_ends_the_start("JWT_PUBLIC_KEY_FILE", &second, "file 2", "BEGIN");
    }
    assert_ends_the_start("JWKS_FILE", &file("rsa.pub.pem"), "a JSON Web Key Set", "rsa.pub.pem");
    for variable in ["JWT_PUBLIC_KEY_FILE", "JWKS_FILE"] {
        assert_ends_the_start(variable, "/k1tt3n", "can't be read", "k1tt3n");
        assert_ends_the_start(variable, "/", "can't be read", "BEGIN");
        let both = run(GATEWAY, &[], &with(variable, "/k1tt3n"));
        assert_eq!((both.status.code(), said(&both).contains("only one")), (Some(64), true));
    }
}

#[test]
fn a_key_set_with_a_secret_ends_the_start() {
    let scratch = Scratch::new("jwks").unwrap();
    let file = scratch.path().join("jwks.json");
    for key in [
        json!({"kty": "oct", "k": "azF0dDNu"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": "azF0dDNu", "d": "azF0dDNu"}),
        json!({"kty": "RSA", "n": "azF0dDNu", "e": "AQAB", "d": "azF0dDNu"}),
    ] {
        fs::write(&file, json!({"keys": [key]}).to_string()).unwrap();
        assert_ends_the_start("JWKS_FILE", &file.display().to_string(), "private", "azF0dDNu");
    }
}
