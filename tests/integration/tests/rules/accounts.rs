//! Accounts: made, verified, signed in to, left.

mod bad_accounts;
mod changes;
mod elsewhere;
mod life;
mod mailed_tokens;
mod mailing;
mod sign_in;
mod unique;

use hyper::Method;
use pollster_integration::{Reply, Stack};
use serde_json::{Value, json};

use crate::errors::{JSON, post};

const ACCOUNTS: &str = "/api/v1/accounts";
const VERIFY: &str = "/api/v1/accounts/verify";
const VERIFICATION: &str = "/api/v1/accounts/verification";
const PASSWORD_RESET: &str = "/api/v1/accounts/password-reset";
const PASSWORD: &str = "/api/v1/accounts/password";
const SESSIONS: &str = "/api/v1/sessions";
const ME: &str = "/api/v1/me";
const A_PASSWORD: &str = "correct horse battery";

fn registration(email: &str, username: &str, password: &str) -> String {
    json!({"email": email, "username": username, "password": password}).to_string()
}

/// Makes the account `{name}@example.org`.
async fn register(stack: &Stack, name: &str) -> Value {
    let email = format!("{name}@example.org");
    let reply = post(stack, ACCOUNTS, &registration(&email, name, A_PASSWORD)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json().unwrap()
}

async fn try_sign_in(stack: &Stack, email: &str, password: &str) -> Reply {
    post(stack, SESSIONS, &json!({"email": email, "password": password}).to_string()).await
}

/// Signs in; returns the value of the `Authorization` header.
async fn sign_in(stack: &Stack, email: &str, password: &str) -> String {
    let reply = try_sign_in(stack, email, password).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let session: Value = reply.json().unwrap();
    assert_eq!(session["token_type"], "Bearer");
    assert!(session["expires_in"].as_u64().unwrap() > 0);
    assert_eq!(reply.headers["cache-control"], "no-store");
    format!("Bearer {}", session["access_token"].as_str().unwrap())
}

async fn me(stack: &Stack, bearer: &str) -> Reply {
    stack.request(Method::GET, ME, &[("authorization", bearer)], "").await
}

async fn change(stack: &Stack, bearer: &str, body: &Value) -> Reply {
    stack.request(Method::PATCH, ME, &[JSON, ("authorization", bearer)], &body.to_string()).await
}

async fn leave(stack: &Stack, bearer: &str) -> Reply {
    stack.request(Method::DELETE, ME, &[("authorization", bearer)], "").await
}

async fn verify(stack: &Stack, token: &str) -> Reply {
    post(stack, VERIFY, &json!({"token": token}).to_string()).await
}

/// Asks for a mail with a link.
async fn ask(stack: &Stack, path: &str, email: &str) {
    let reply = post(stack, path, &json!({"email": email}).to_string()).await;
    assert_eq!((reply.status.as_u16(), reply.text()), (202, String::new()));
}

async fn set_password(stack: &Stack, token: &str, password: &str) -> Reply {
    let body = json!({"token": token, "password": password}).to_string();
    stack.request(Method::PUT, PASSWORD, &[JSON], &body).await
}

async fn number_of(stack: &Stack, table: &str) -> i64 {
    let database = stack.database().connect().await;
    database.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}
