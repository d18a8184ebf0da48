//! Signing in, and what nobody learns from it.

use std::process::{Command, Output};

use pollster_integration::{Database, Stack, mailed_token};
use pollster_stack::find_program;

use super::*;
use crate::errors::assert_problem;

const EMAIL: &str = "ann@example.org";
const HASHES: &str = "pollster_password_hashes_total";

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_can_t_be_told_apart() {
    let stack = Stack::start().await;
    register(&stack, "ann").await;
    let mut answers = Vec::new();
    for (email, password) in [
        (EMAIL, "a wrong password"),
        (EMAIL, ""),
        ("bob@example.org", A_PASSWORD),
        ("", A_PASSWORD),
        ("bob\0@example.org", A_PASSWORD),
        ("no address", A_PASSWORD),
    ] {
        let before = stack.gateway(0).metric(HASHES).await;
        let reply = try_sign_in(&stack, email, password).await;
        let mut problem = assert_problem(email, &reply, 401, "unauthenticated");
        problem.as_object_mut().unwrap().remove("request_id");
        answers.push(problem);
        assert_eq!(stack.gateway(0).metric(HASHES).await - before, 1.0, "{email:?} costs one hash");
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn an_access_token_says_what_the_account_is() {
    let stack = Stack::start().await;
    let made = register(&stack, "ann").await;
    let claims = claims(&sign_in(&stack, EMAIL, A_PASSWORD).await);
    assert_eq!(claims["sub"], made["user_id"]);
    assert_eq!((&claims["role"], &claims["email_verified"]), (&json!("user"), &json!(false)));

    verify(&stack, &mailed_token(&stack.mail_to(EMAIL, 1).await)).await;
    let granted = grant_admin(stack.database(), " Ann@EXAMPLE.org");
    assert_eq!(granted.status.code(), Some(0), "{granted:?}");
    assert_eq!(String::from_utf8_lossy(&granted.stdout).lines().count(), 1);
    let bearer = sign_in(&stack, EMAIL, A_PASSWORD).await;
    let claims = self::claims(&bearer);
    assert_eq!((&claims["role"], &claims["email_verified"]), (&json!("admin"), &json!(true)));
    assert_eq!(me(&stack, &bearer).await.json::<Value>().unwrap()["role"], "admin");
}

#[tokio::test]
async fn nobody_can_t_be_made_an_admin() {
    let database = Database::migrated().await;
    let output = grant_admin(&database, "bob@example.org");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no account") && said.contains("bob@example.org"), "{said}");
}

#[tokio::test]
async fn logs_hold_no_address_no_password_and_no_token() {
    let stack = Stack::start().await;
    register(&stack, "ann").await;
    let token = mailed_token(&stack.mail_to(EMAIL, 1).await);
    verify(&stack, &token).await;
    verify(&stack, &token).await;
    let bearer = sign_in(&stack, EMAIL, A_PASSWORD).await;
    try_sign_in(&stack, EMAIL, "a wrong password").await;
    try_sign_in(&stack, "bob@example.org", A_PASSWORD).await;
    ask(&stack, PASSWORD_RESET, EMAIL).await;
    let reset = mailed_token(&stack.mail_to(EMAIL, 2).await);
    set_password(&stack, &reset, "another password").await;
    me(&stack, &bearer).await;
    leave(&stack, &bearer).await;
    let log = stack.gateway(0).log();
    assert!(log.contains("gateway started"), "{log}");
    let bearer = bearer.trim_start_matches("Bearer ");
    for secret in ["@example.org", A_PASSWORD, "a wrong password", "another password", &token, &reset, bearer]
    {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// What an access token says, its signature left aside.
fn claims(bearer: &str) -> Value {
    let token = bearer.trim_start_matches("Bearer ");
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}

fn grant_admin(database: &Database, email: &str) -> Output {
    let mut command = Command::new(find_program("pollster-background").unwrap());
    command.args(["grant-admin", "--email", email]);
    command.env_clear().env("DATABASE_URL", database.url()).output().unwrap()
}
