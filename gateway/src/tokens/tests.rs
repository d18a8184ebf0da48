mod fuzz;
mod sources;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};

use super::{Account, LIFE, Role, TokenConfig, TokenError, Tokens};

const FIRST: &str = "a first secret of some 32 characters";
const SECOND: &str = "a second secret of 32 characters or more";

fn secrets(secrets: &str) -> TokenConfig {
    TokenConfig { jwt_secret: Some(secrets.to_owned()), ..TokenConfig::default() }
}

/// Valid claims with these members set, or left out where they are null.
fn claims(members: Value) -> Value {
    let mut claims = json!({"sub": "somebody", "exp": get_current_timestamp() + 60});
    for (name, value) in members.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn signed(secret: &str, claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn check(members: Value) -> Result<Account, TokenError> {
    Tokens::new(&secrets(FIRST)).unwrap().check(&signed(FIRST, &claims(members)))
}

#[test]
fn the_subject_is_required_and_bounded() {
    for sub in ["x", &"x".repeat(255), &"ß".repeat(255), "auth0|5f7c8ec7c33c6c004bbafe82", " "] {
        assert_eq!(check(json!({"sub": sub})).unwrap().subject, sub);
    }
    for sub in [json!(null), json!(""), json!("x".repeat(256)), json!(1), json!(["x"]), json!("a\u{0}b")] {
        assert_eq!(check(json!({"sub": sub})), Err(TokenError::Invalid), "{sub}");
    }
}

#[test]
fn only_the_claim_admin_makes_an_admin() {
    assert_eq!(check(json!({"role": "admin"})).unwrap().role, Role::Admin);
    for role in [json!(null), json!("user"), json!("Admin"), json!("admin "), json!("owner"), json!(1)] {
        assert_eq!(check(json!({"role": role})).unwrap().role, Role::User, "{role}");
    }
    for role in [json!(["admin"]), json!({"admin": true}), json!(true)] {
        assert_eq!(check(json!({"role": role})).unwrap().role, Role::User, "{role}");
    }
}

#[test]
fn only_true_verifies_an_address() {
    assert!(check(json!({"email_verified": true})).unwrap().email_verified);
    for verified in [json!(null), json!(false), json!("true"), json!(1), json!([true])] {
        assert!(!check(json!({"email_verified": verified})).unwrap().email_verified, "{verified}");
    }
}

#[test]
fn times_have_a_leeway_of_half_a_minute() {
    let now = get_current_timestamp();
    // Some seconds off the bounds, so that a slow test does not cross them.
    let valid = [json!({"exp": now - 20}), json!({"nbf": now + 25}), json!({"exp": now as f64 + 0.5})];
    for times in valid.into_iter().chain([json!({"nbf": now - 60}), json!({"iat": now + 600})]) {
        assert!(check(times.clone()).is_ok(), "{times}");
    }
    for times in [json!({"exp": now - 31}), json!({"exp": 0}), json!({"exp": now - 31, "nbf": now - 60})] {
        assert_eq!(check(times.clone()), Err(TokenError::Expired), "{times}");
    }
    for exp in [json!(null), json!("tomorrow"), json!((now + 60).to_string()), json!(-1), json!([now + 60])] {
        assert_eq!(check(json!({"exp": exp})), Err(TokenError::Invalid), "{exp}");
    }
    for nbf in [json!(now + 40), json!("now"), json!(-1)] {
        assert_eq!(check(json!({"nbf": nbf})), Err(TokenError::Invalid), "{nbf}");
    }
}

#[test]
fn issuer_and_audience_are_asked_for_where_they_are_set() {
    let config = TokenConfig {
        jwt_issuer: Some("https://id.example".to_owned()),
        jwt_audience: Some("pollster".to_owned()),
        ..secrets(FIRST)
    };
    let tokens = Tokens::new(&config).unwrap();
    let good = json!({"iss": "https://id.example", "aud": "pollster"});
    let with = |name: &str, value: Value| {
        let mut members = good.clone();
        members[name] = value;
        signed(FIRST, &claims(members))
    };
    for aud in [json!("pollster"), json!(["other", "pollster"])] {
        assert!(tokens.check(&with("aud", aud.clone())).is_ok(), "{aud}");
    }
    for aud in [json!(null), json!("Pollster"), json!("pollster "), json!([]), json!(["other"]), json!(1)] {
        assert_eq!(tokens.check(&with("aud", aud.clone())), Err(TokenError::Invalid), "{aud}");
    }
    for iss in [json!(null), json!("https://id.example/"), json!(""), json!(1), json!({})] {
        assert_eq!(tokens.check(&with("iss", iss.clone())), Err(TokenError::Invalid), "{iss}");
    }
    // Where they are not set, any will do.
    for members in [good, json!({"iss": "x", "aud": ["y", "z"]}), json!({"iss": 1, "aud": 1})] {
        assert!(check(members.clone()).is_ok(), "{members}");
    }
}

#[test]
fn what_we_issue_we_believe_for_an_hour() {
    let configured = TokenConfig {
        jwt_issuer: Some("us".to_owned()),
        jwt_audience: Some("ours".to_owned()),
        ..secrets(FIRST)
    };
    for config in [secrets(FIRST), configured.clone()] {
        let tokens = Tokens::new(&config).unwrap();
        for (role, email_verified) in [(Role::User, false), (Role::User, true), (Role::Admin, false)] {
            let issued = tokens.issue("somebody", role, email_verified).unwrap();
            assert_eq!(issued.expires_in, LIFE);
            let account = tokens.check(&issued.access_token).unwrap();
            assert_eq!((account.subject.as_str(), account.role), ("somebody", role));
            assert_eq!(account.email_verified, email_verified);
            assert!(!account.expiry.has_passed());
        }
    }
    let issued = Tokens::new(&configured).unwrap().issue("somebody", Role::Admin, true).unwrap();
    let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&issued.access_token).unwrap();
    assert_eq!((claims.header.alg, claims.header.typ.as_deref()), (Algorithm::HS256, Some("JWT")));
    let claims = claims.claims;
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    assert!(get_current_timestamp().abs_diff(claims["iat"].as_u64().unwrap()) < 60);
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some("us"), Some("ours")));
    // Tokens without them are no longer ours.
    let plain = Tokens::new(&secrets(FIRST)).unwrap().issue("somebody", Role::User, true).unwrap();
    let checked = Tokens::new(&configured).unwrap().check(&plain.access_token);
    assert_eq!(checked, Err(TokenError::Invalid));
}

#[test]
fn the_first_secret_signs_and_all_verify() {
    let (old, new) = (Tokens::new(&secrets(FIRST)), Tokens::new(&secrets(&format!("{SECOND}, {FIRST}"))));
    let (old, new) = (old.unwrap(), new.unwrap());
    let before = old.issue("somebody", Role::User, false).unwrap().access_token;
    let after = new.issue("somebody", Role::User, false).unwrap().access_token;
    assert!(new.check(&before).is_ok() && new.check(&after).is_ok());
    assert_eq!(old.check(&after), Err(TokenError::Invalid));
    assert!(Tokens::new(&secrets(SECOND)).unwrap().check(&after).is_ok());
    // The second secret's tokens expire as well.
    let expired = signed(FIRST, &claims(json!({"exp": 1})));
    assert_eq!(new.check(&expired), Err(TokenError::Expired));
}

#[test]
fn nothing_secret_is_shown() {
    let config = secrets(FIRST);
    let tokens = Tokens::new(&config).unwrap();
    let issued = tokens.issue("somebody", Role::User, false).unwrap();
    let shown = format!("{config:?} {tokens:?} {issued:?}");
    assert!(!shown.contains(FIRST) && !shown.contains(&issued.access_token), "{shown}");
}
