//! Tokens that nobody signed, and files that are no keys.

use proptest::prelude::*;

use super::super::{jwks, pem};
use super::*;

/// A valid token's three parts.
fn parts() -> [String; 3] {
    let token = signed(FIRST, &claims(json!({"role": "user", "email_verified": false})));
    let mut parts = token.split('.').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap())
}

fn tokens() -> Tokens {
    Tokens::new(&secrets(FIRST)).unwrap()
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in prop_oneof!["\\PC{0,64}", "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}"]) {
        prop_assert_eq!(tokens().check(&text), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_changed_in_one_place_is_not_believed(
        part in 0..3usize, at in any::<prop::sample::Index>(), other in prop_oneof!["[A-Za-z0-9_=. -]", "\\PC"],
    ) {
        let mut parts = parts();
        let at = at.index(parts[part].len());
        prop_assume!(parts[part][at..=at] != other);
        parts[part].replace_range(at..=at, &other);
        prop_assert_eq!(tokens().check(&parts.join(".")), Err(TokenError::Invalid));
    }

    #[test]
    fn parts_of_other_tokens_do_not_make_one(
        header in prop_oneof![
            Just(r#"{"alg":"HS256"}"#.to_owned()),
            Just(r#"{"alg":"none"}"#.to_owned()),
            Just(r#"{"alg":"HS256","kid":1}"#.to_owned()),
            "\\{\\PC{0,20}\\}",
        ],
        payload in prop_oneof![Just(claims(json!({"role": "admin"})).to_string()), "\\{\\PC{0,20}\\}"],
    ) {
        let [_, _, signature] = parts();
        for signature in [signature.as_str(), ""] {
            let token = format!("{}.{}.{signature}", base64url(&header), base64url(&payload));
            prop_assert_eq!(tokens().check(&token), Err(TokenError::Invalid));
        }
    }

    #[test]
    fn no_file_of_keys_makes_it_panic(
        text in "\\PC{0,64}",
        members in prop::collection::btree_map(
            "kty|kid|alg|use|crv|n|e|x|y|d|k",
            "RSA|EC|OKP|P-256|Ed25519|sig|AQAB|[A-Za-z0-9_-]{0,64}",
            0..8,
        ),
    ) {
        let set = json!({"keys": [members]}).to_string();
        let _ = (jwks::keys(&set), jwks::keys(&text));
        for label in ["PUBLIC KEY", "RSA PUBLIC KEY", "PRIVATE KEY"] {
            let _ = pem::key(&format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"));
        }
    }
}

/// Base64 for URLs, without padding, as JWTs are written.
fn base64url(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = text.as_bytes().chunks(3).flat_map(|chunk| {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |digit| ALPHABET[(bits >> (18 - 6 * digit)) as usize & 63])
    });
    digits.map(char::from).collect()
}
