//! Access tokens: which are believed, and how the others are refused. A token on a request that needs none,
//! here the creation of a poll, must be valid all the same.

mod forged;
mod identity_provider;
mod settings;

use hyper::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use pollster_integration::{Builder, Reply, Stack, lunch};
use serde_json::{Value, json};

use crate::errors::{JSON, assert_problem, polls};

const SECRET: &str = "the token secret of these very tests";
const SUBJECT: &str = "somebody";
const INVALID_TOKEN: &str = "Bearer error=\"invalid_token\"";

/// A gateway and its database are enough.
fn gateway() -> Builder {
    Stack::builder().aggregators(0).without_background()
}

/// A gateway that signs its tokens itself, with one account.
async fn with_account(builder: Builder) -> Stack {
    let stack = builder.start().await;
    let account = stack.account(SUBJECT).await;
    let rename = "UPDATE users SET subject = $1 WHERE subject = $2";
    let database = stack.database().connect().await;
    assert_eq!(database.execute(rename, &[&SUBJECT, &account.subject]).await.unwrap(), 1);
    stack
}

async fn with_secret() -> Stack {
    with_account(gateway().env("JWT_SECRET", SECRET)).await
}

async fn create(stack: &Stack, authorization: &str) -> Reply {
    let headers = [JSON, ("authorization", authorization)];
    stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await
}

/// Asks for what needs a valid token alone, and no row of an account.
async fn list(stack: &Stack, authorization: &str) -> Reply {
    let headers = [("authorization", authorization)];
    stack.request(Method::GET, "/api/v1/polls?mine=true", &headers, "").await
}

async fn assert_believed(stack: &Stack, what: &str, token: &str) {
    let reply = list(stack, &format!("Bearer {token}")).await;
    assert_eq!(reply.status, 200, "{what}: {}", reply.text());
}

/// Holds that `token` is refused, and that no poll comes of it.
async fn assert_refused(stack: &Stack, what: &str, token: &str, code: &str) {
    let before = polls(stack).await;
    let reply = create(stack, &format!("Bearer {token}")).await;
    let problem = assert_problem(what, &reply, 401, code);
    assert_eq!(reply.headers["www-authenticate"], INVALID_TOKEN, "{what}");
    // A forger does not learn how near a token was.
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("The access token "), "{what}: {detail}");
    assert_eq!(polls(stack).await, before, "{what}");
}

/// Valid claims with these members set, or left out where they are null.
fn claims(members: &Value) -> Value {
    let mut claims = json!({"sub": SUBJECT, "exp": get_current_timestamp() + 600});
    for (name, value) in members.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn signed(secret: &str, members: Value) -> String {
    encode(&Header::default(), &claims(&members), &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn signed_by(key: &EncodingKey, algorithm: Algorithm, kid: Option<&str>) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, &claims(&json!({})), key).unwrap()
}

#[tokio::test]
async fn a_token_is_believed_from_its_nbf_to_its_exp() {
    let stack = with_secret().await;
    let now = get_current_timestamp();
    for (what, members) in [
        ("valid", json!({})),
        ("for long", json!({"exp": now + 1_000_000_000})),
        ("within the leeway after exp", json!({"exp": now - 5})),
        ("within the leeway before nbf", json!({"nbf": now + 25})),
        ("an admin", json!({"role": "admin"})),
        ("a role of another system", json!({"role": ["owner"]})),
        ("any issuer and audience", json!({"iss": "anybody", "aud": ["anything"]})),
    ] {
        assert_believed(&stack, what, &signed(SECRET, members)).await;
    }
    for (what, members) in [("long ago", json!({"exp": 1})), ("a minute ago", json!({"exp": now - 60}))] {
        assert_refused(&stack, what, &signed(SECRET, members), "token_expired").await;
    }
    for (what, members) in [
        ("not yet", json!({"nbf": now + 300})),
        ("an nbf that is no time", json!({"nbf": "now"})),
        ("no exp", json!({"exp": null})),
        ("an exp that is no time", json!({"exp": "tomorrow"})),
        ("no sub", json!({"sub": null})),
        ("an empty sub", json!({"sub": ""})),
        ("a sub that is too long", json!({"sub": "x".repeat(256)})),
        ("a sub that is no text", json!({"sub": 7})),
    ] {
        assert_refused(&stack, what, &signed(SECRET, members), "unauthenticated").await;
    }
}

#[tokio::test]
async fn a_token_for_others_is_refused() {
    let (issuer, audience) = ("https://id.example", "pollster");
    let configured = gateway().env("JWT_SECRET", SECRET).env("JWT_ISSUER", issuer);
    let stack = with_account(configured.env("JWT_AUDIENCE", audience)).await;
    for aud in [json!(audience), json!(["other", audience])] {
        assert_believed(&stack, "for us", &signed(SECRET, json!({"iss": issuer, "aud": aud}))).await;
    }
    for (what, members) in [
        ("another audience", json!({"iss": issuer, "aud": "other"})),
        ("other audiences", json!({"iss": issuer, "aud": ["other", "others"]})),
        ("no audience", json!({"iss": issuer})),
        ("an audience that is no text", json!({"iss": issuer, "aud": {"pollster": true}})),
        ("another issuer", json!({"iss": "https://id.example.org", "aud": audience})),
        ("no issuer", json!({"aud": audience})),
        ("an issuer that is no text", json!({"iss": 1, "aud": audience})),
    ] {
        assert_refused(&stack, what, &signed(SECRET, members), "unauthenticated").await;
    }
}

#[tokio::test]
async fn secrets_are_rotated_without_ending_sessions() {
    let old = "the old token secret of these tests";
    let stack = with_account(gateway().env("JWT_SECRET", format!("{SECRET},{old}"))).await;
    for secret in [SECRET, old] {
        assert_believed(&stack, secret, &signed(secret, json!({}))).await;
        assert_refused(&stack, secret, &signed(secret, json!({"exp": 1})), "token_expired").await;
    }
    for secret in [format!("{SECRET},{old}"), "a token secret that nobody configured".to_owned()] {
        assert_refused(&stack, &secret, &signed(&secret, json!({})), "unauthenticated").await;
    }
}

#[tokio::test]
async fn a_request_without_a_bearer_token_is_told_to_send_one() {
    let stack = with_secret().await;
    let token = signed(SECRET, json!({}));
    for authorization in [format!("bearer {token}"), format!("BEARER  {token} ")] {
        assert_eq!(list(&stack, &authorization).await.status, 200, "{authorization}");
    }
    for authorization in [token.as_str(), "Basic dXNlcjpwYXNz", "Bearer", ""] {
        let reply = create(&stack, authorization).await;
        assert_problem(authorization, &reply, 401, "unauthenticated");
        assert_eq!(reply.headers["www-authenticate"], "Bearer", "{authorization}");
    }
    assert_eq!(polls(&stack).await, 0);
}
