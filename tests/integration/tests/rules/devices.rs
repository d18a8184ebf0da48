//! Devices: an account votes from a few.

use chrono::Utc;
use hyper::Method;
use jsonwebtoken::{EncodingKey, Header};
use pollster_integration::{Reply, Stack, lunch, token};
use redis::AsyncCommands;
use serde_json::json;
use uuid::Uuid;

use crate::errors::assert_problem;

/// A voter with an account.
struct Account {
    bearer: String,
    browser: String,
}

impl Account {
    fn new() -> Self {
        let expires = Utc::now().timestamp() + 3600;
        let claims = json!({"sub": Uuid::now_v7(), "exp": expires, "email_verified": true});
        let key = EncodingKey::from_secret(b"the token secret of the integration tests");
        let signed = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
        Self { bearer: format!("Bearer {signed}"), browser: token() }
    }

    /// Votes on a poll of its own, which takes votes of accounts.
    async fn vote_from(&self, stack: &Stack, device: Option<&str>) -> Reply {
        let mut definition = lunch();
        definition["settings"] = json!({"voter_identity": "account"});
        let poll = stack.create_poll(&definition).await;
        let mut headers = vec![
            ("content-type", "application/json"),
            ("authorization", self.bearer.as_str()),
            ("x-voter-token", self.browser.as_str()),
        ];
        headers.extend(device.map(|device| ("x-device-fingerprint", device)));
        let path = poll.votes_path().to_string();
        let body = poll.ballot(0, 0);
        stack.client(0).request(Method::POST, &path, &headers, body).await.unwrap()
    }
}

#[tokio::test]
async fn an_account_votes_from_five_devices_and_no_more() {
    let stack = Stack::start().await;
    let account = Account::new();
    let devices: Vec<String> = (0..5).map(|n| format!("device-{n}")).collect();
    for device in &devices {
        assert_eq!(account.vote_from(&stack, Some(device)).await.status, 202, "{device}");
    }
    let sixth = account.vote_from(&stack, Some("device-5")).await;
    assert_problem("a sixth device", &sixth, 403, "forbidden");
    // Known ones go on, remembered by this process or not; so does who names none, and another account.
    assert_eq!(account.vote_from(&stack, Some(&devices[0])).await.status, 202);
    stack.gateway(0).restart().await;
    assert_eq!(account.vote_from(&stack, Some(&devices[4])).await.status, 202);
    assert_problem("again", &account.vote_from(&stack, Some("device-5")).await, 403, "forbidden");
    assert_eq!(account.vote_from(&stack, None).await.status, 202);
    assert_eq!(Account::new().vote_from(&stack, Some("device-5")).await.status, 202);

    let mut redis = stack.redis().connect().await;
    let keys: Vec<String> = redis.keys("devices:*").await.unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let members: Vec<Vec<u8>> = redis.smembers(&key).await.unwrap();
        assert!(members.iter().all(|member| member.len() == 8), "keyed hashes and no fingerprints");
        let expires: i64 = redis.ttl(&key).await.unwrap();
        assert!((29 * 86_400..=30 * 86_400).contains(&expires), "{expires}");
    }
    let log = stack.gateway(0).log();
    assert!(log.contains("one device too many") && !log.contains("device-5"), "{log}");
}

#[tokio::test]
async fn a_fingerprint_has_1_to_128_characters() {
    let stack = Stack::start().await;
    let account = Account::new();
    for bad in ["", &"x".repeat(129)] {
        let reply = account.vote_from(&stack, Some(bad)).await;
        assert_problem("a bad fingerprint", &reply, 400, "malformed_request");
    }
    assert_eq!(account.vote_from(&stack, Some(&"x".repeat(128))).await.status, 202);
}
