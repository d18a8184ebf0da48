//! What is mailed is good once, for its purpose and within its life.

use pollster_integration::{Stack, mailed_token};
use serde_json::Value;

use super::*;
use crate::errors::{assert_problem, fields};

const EMAIL: &str = "ann@example.org";

fn assert_bad_token(what: &str, reply: &Reply) {
    let problem = assert_problem(what, reply, 422, "invalid_account");
    assert_eq!(fields(&problem), ["token"], "{what}");
}

/// A stack with the account, and the token of its first mail.
async fn registered() -> (Stack, String) {
    let stack = Stack::start().await;
    register(&stack, "ann").await;
    let token = mailed_token(&stack.mail_to(EMAIL, 1).await);
    (stack, token)
}

async fn is_verified(stack: &Stack) -> bool {
    let bearer = sign_in(stack, EMAIL, A_PASSWORD).await;
    me(stack, &bearer).await.json::<Value>().unwrap()["verified"] == true
}

async fn expire_all(stack: &Stack) {
    let database = stack.database().connect().await;
    let expire = "UPDATE account_tokens SET expires_at = now() - interval '1 second'";
    assert!(database.execute(expire, &[]).await.unwrap() > 0);
}

#[tokio::test]
async fn a_token_verifies_once() {
    let (stack, token) = registered().await;
    assert_eq!(verify(&stack, &token).await.status, 204);
    assert_bad_token("a used one", &verify(&stack, &token).await);
    assert!(is_verified(&stack).await);
}

#[tokio::test]
async fn a_token_that_expired_or_never_was_does_nothing() {
    let (stack, token) = registered().await;
    ask(&stack, PASSWORD_RESET, EMAIL).await;
    let reset = mailed_token(&stack.mail_to(EMAIL, 2).await);
    expire_all(&stack).await;
    for token in [token.as_str(), &reset, "", "\0", "' OR true --", &"0".repeat(64), &token.to_uppercase()] {
        assert_bad_token(token, &verify(&stack, token).await);
        assert_bad_token(token, &set_password(&stack, token, "another password").await);
    }
    assert!(!is_verified(&stack).await);
    // A new mail removes what has expired.
    ask(&stack, VERIFICATION, EMAIL).await;
    assert_eq!(verify(&stack, &mailed_token(&stack.mail_to(EMAIL, 3).await)).await.status, 204);
    assert_eq!(number_of(&stack, "account_tokens").await, 0);
}

#[tokio::test]
async fn a_token_serves_its_own_purpose_only() {
    let (stack, token) = registered().await;
    assert_bad_token("to verify", &set_password(&stack, &token, "another password").await);
    ask(&stack, PASSWORD_RESET, EMAIL).await;
    let reset = mailed_token(&stack.mail_to(EMAIL, 2).await);
    assert_bad_token("to reset", &verify(&stack, &reset).await);
    assert!(!is_verified(&stack).await);
    assert_eq!(verify(&stack, &token).await.status, 204);
    assert_eq!(set_password(&stack, &reset, "another password").await.status, 204);
}

#[tokio::test]
async fn a_new_password_ends_all_links_to_set_one() {
    let (stack, _) = registered().await;
    let mut tokens = Vec::new();
    for number in [2, 3] {
        ask(&stack, PASSWORD_RESET, EMAIL).await;
        tokens.push(mailed_token(&stack.mail_to(EMAIL, number).await));
    }
    // Refused for its password alone, a token stays good.
    let refused = set_password(&stack, &tokens[1], "short").await;
    assert_eq!(fields(&assert_problem("short", &refused, 422, "invalid_account")), ["password"]);
    let refused = set_password(&stack, &tokens[1], "Ann@Example.ORG").await;
    assert_eq!(fields(&assert_problem("its address", &refused, 422, "invalid_account")), ["password"]);
    assert_eq!(set_password(&stack, &tokens[1], "another password").await.status, 204);
    for token in &tokens {
        assert_bad_token("after the change", &set_password(&stack, token, "a third password").await);
    }
    sign_in(&stack, EMAIL, "another password").await;
}

#[tokio::test]
async fn a_link_used_by_many_at_once_sets_one_password() {
    let (stack, _) = registered().await;
    ask(&stack, PASSWORD_RESET, EMAIL).await;
    let token = mailed_token(&stack.mail_to(EMAIL, 2).await);
    let passwords: Vec<_> = (0..4).map(|n| format!("a password for number {n}")).collect();
    let replies = passwords.iter().map(|password| set_password(&stack, &token, password));
    let replies = futures_util::future::join_all(replies).await;
    let mut set = replies.iter().zip(&passwords).filter(|(reply, _)| reply.status == 204);
    let (_, password) = set.next().unwrap();
    assert_eq!(set.count(), 0);
    for reply in replies.iter().filter(|reply| reply.status != 204) {
        assert_bad_token("too late", reply);
    }
    sign_in(&stack, EMAIL, password).await;
}

#[tokio::test]
async fn tokens_are_stored_as_hashes_only() {
    let (stack, token) = registered().await;
    let database = stack.database().connect().await;
    let row = database.query_one("SELECT token_hash FROM account_tokens", &[]).await.unwrap();
    let hash: Vec<u8> = row.get(0);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((hash.len(), token.len()), (32, 64));
    assert_ne!(hex, token);
    let row = database.query_one("SELECT password_hash FROM users", &[]).await.unwrap();
    assert!(row.get::<_, String>(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn a_request_for_mail_tells_nobody_who_has_an_account() {
    let (stack, token) = registered().await;
    assert_eq!(verify(&stack, &token).await.status, 204);
    // Unknown, verified already, no address at all: the answer is the same, and none gets a mail.
    for nobody in
        ["bob@example.org", EMAIL, "", "no address", "\0", "ann@example.org\r\nBcc: bob@example.org"]
    {
        ask(&stack, VERIFICATION, nobody).await;
    }
    for nobody in ["bob@example.org", "", "' OR true --", "\0"] {
        ask(&stack, PASSWORD_RESET, nobody).await;
    }
    // Whatever is being mailed is mailed before a gateway ends.
    assert!(stack.gateway(0).terminate().await.success());
    assert_eq!(stack.mails().len(), 1);
}
