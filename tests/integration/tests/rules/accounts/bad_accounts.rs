//! Accounts that are refused, and texts that are meant to be taken for something else.

use pollster_integration::Stack;

use super::*;
use crate::errors::{assert_problem, fields};

#[tokio::test]
async fn all_that_is_wrong_with_an_account_is_named_and_nothing_is_made() {
    let stack = Stack::start().await;
    let long = "x".repeat(201);
    for (email, username, password, wrong) in [
        ("", "", "", &["email", "username", "password"][..]),
        ("ann", "an", "short", &["email", "username", "password"]),
        ("ann@example.org", "ann", "012345678", &["password"]),
        ("ann@example.org", "ann", &long, &["password"]),
        ("annann@example.org", "annannannann", "AnnAnnAnnAnn", &["password"]),
        ("annann@example.org", "ann", "AnnAnn@example.org", &["password"]),
        ("ann@example.org", "ann@example.org", A_PASSWORD, &["username"]),
        ("ann@example.org\r\nBcc: all@example.org", "ann", A_PASSWORD, &["email"]),
        ("ann@example.org", "ann\r\nBcc: all@example.org", A_PASSWORD, &["username"]),
        ("ann@example.org", "<img/src=x>", A_PASSWORD, &["username"]),
        ("ann@example.org", "'; DROP TABLE users; --", A_PASSWORD, &["username"]),
        ("a\0@example.org", "ann\0", A_PASSWORD, &["email", "username"]),
    ] {
        let reply = post(&stack, ACCOUNTS, &registration(email, username, password)).await;
        let what = format!("{email:?} {username:?}");
        assert_eq!(fields(&assert_problem(&what, &reply, 422, "invalid_account")), wrong, "{what}");
    }
    assert_eq!(number_of(&stack, "users").await, 0);
    assert_eq!(stack.gateway(0).metric("pollster_password_hashes_total").await, 0.0);
}

#[tokio::test]
async fn what_can_t_be_read_is_refused() {
    let stack = Stack::start().await;
    let secret = "a password in a wrong place";
    for path in [ACCOUNTS, VERIFY, VERIFICATION, PASSWORD_RESET, SESSIONS] {
        for body in ["", "{", "[]", "{}", "null", &json!({"email": 1, "password": [secret]}).to_string()] {
            assert_problem(path, &post(&stack, path, body).await, 400, "malformed_request");
        }
        let large = json!({"email": "x".repeat(9000)}).to_string();
        assert_problem(path, &post(&stack, path, &large).await, 413, "too_large");
        let untyped = stack.request(Method::POST, path, &[], "{}").await;
        assert_problem(path, &untyped, 415, "unsupported_media_type");
    }
    assert!(!stack.gateway(0).log().contains(secret));
}

#[tokio::test]
async fn texts_that_look_like_sql_or_markup_are_texts() {
    let stack = Stack::start().await;
    for (n, email) in
        ["o'brien@example.org", "\"'); DROP TABLE users; --\"@example.org", "\"<b>x</b>\"@example.org"]
            .into_iter()
            .enumerate()
    {
        let password = "'); DELETE FROM users; -- \0 \u{1f511}";
        let body = registration(email, &format!("user-{n}"), password);
        assert_eq!(post(&stack, ACCOUNTS, &body).await.status, 201, "{email}");
        let bearer = sign_in(&stack, email, password).await;
        assert_eq!(me(&stack, &bearer).await.json::<Value>().unwrap()["email"], email);
    }
    for nobody in ["' OR '1' = '1", "%", "_____", "\0", "o'brien@example.org' --"] {
        let reply = try_sign_in(&stack, nobody, "' OR '1' = '1").await;
        assert_problem(nobody, &reply, 401, "unauthenticated");
    }
    assert_eq!(number_of(&stack, "users").await, 3);
}
