//! Where an identity provider keeps the accounts.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use pollster_integration::Stack;
use uuid::Uuid;

use super::*;
use crate::errors::assert_problem;

const PRIVATE_KEY: &[u8] = include_bytes!("../../../../keys/ed25519.pem");
const PUBLIC_KEY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../keys/ed25519.pub.pem");

async fn with_provider() -> Stack {
    Stack::builder().env("JWT_SECRET", "").env("JWT_PUBLIC_KEY_FILE", PUBLIC_KEY_FILE).start().await
}

/// What a provider's user sends.
fn bearer(subject: &str) -> String {
    let claims = json!({
        "sub": subject,
        "exp": get_current_timestamp() + 600,
        "role": "admin",
        "email_verified": true,
    });
    let key = EncodingKey::from_ed_pem(PRIVATE_KEY).unwrap();
    format!("Bearer {}", encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap())
}

#[tokio::test]
async fn an_identity_provider_s_accounts_are_made_and_signed_in_to_there() {
    let stack = with_provider().await;
    let put = set_password(&stack, "token", A_PASSWORD).await;
    let mut replies = vec![
        post(&stack, ACCOUNTS, &registration("ann@example.org", "ann", A_PASSWORD)).await,
        try_sign_in(&stack, "ann@example.org", A_PASSWORD).await,
        verify(&stack, "token").await,
        put,
    ];
    for path in [VERIFICATION, PASSWORD_RESET] {
        replies.push(post(&stack, path, r#"{"email": "ann@example.org"}"#).await);
    }
    for reply in replies {
        let problem = assert_problem("elsewhere", &reply, 404, "not_found");
        assert!(problem["detail"].as_str().unwrap().contains("identity provider"), "{problem}");
    }
    assert_eq!(number_of(&stack, "users").await, 0);
}

#[tokio::test]
async fn an_identity_provider_s_account_reads_what_its_token_says() {
    let stack = with_provider().await;
    for subject in ["auth0|5f7c8ec7", "Ünïcode"] {
        let seen: Value = me(&stack, &bearer(subject)).await.json().unwrap();
        let expected = json!({
            "user_id": null, "subject": subject, "email": null, "username": null, "role": "admin",
            "verified": true, "created_at": null, "notifications": [],
            "notification_choices": {
                "email": true, "milestones": true, "closings": true, "digest": "off", "nudges": false,
            },
        });
        assert_eq!(seen, expected);
        // Nothing is kept of it here, and nothing is left.
        assert_eq!(leave(&stack, &bearer(subject)).await.status, 204);
    }

    let (bearer, user_id) = (bearer("auth0|5f7c8ec7"), Uuid::now_v7());
    let database = stack.database().connect().await;
    let insert = "INSERT INTO users (user_id, subject) VALUES ($1, 'auth0|5f7c8ec7')";
    database.execute(insert, &[&user_id]).await.unwrap();
    let seen: Value = me(&stack, &bearer).await.json().unwrap();
    assert_eq!(
        (&seen["user_id"], &seen["email"], &seen["role"]),
        (&json!(user_id), &Value::Null, &json!("admin"))
    );
    assert!(seen["created_at"].is_string());
    assert_eq!(leave(&stack, &bearer).await.status, 204);
    assert_eq!(number_of(&stack, "users").await, 0);
    assert_eq!(me(&stack, &bearer).await.json::<Value>().unwrap()["user_id"], Value::Null);
}

#[tokio::test]
async fn an_identity_provider_s_account_chooses_what_it_is_told_before_it_has_done_anything_else() {
    let stack = with_provider().await;
    let bearer = bearer("auth0|5f7c8ec7");
    let before: Value = me(&stack, &bearer).await.json().unwrap();
    // What is refused makes nothing.
    let reply = change(&stack, &bearer, &json!({"read": [Uuid::now_v7()]})).await;
    assert_problem("nobody's", &reply, 422, "invalid_account");
    assert_eq!(number_of(&stack, "users").await, 0);

    let reply = change(&stack, &bearer, &json!({"read": "all"})).await;
    let after: Value = reply.json().unwrap();
    assert_eq!(after["notification_choices"], before["notification_choices"], "a row's are the same");
    let reply = change(&stack, &bearer, &json!({"notification_choices": {"digest": "weekly"}})).await;
    assert_eq!(reply.status, 200);
    let seen: Value = me(&stack, &bearer).await.json().unwrap();
    assert_eq!((&seen["notification_choices"]["digest"], &seen["role"]), (&json!("weekly"), &json!("admin")));
    assert_eq!(reply.json::<Value>().unwrap(), seen);
    assert_eq!(number_of(&stack, "users").await, 1);
}
