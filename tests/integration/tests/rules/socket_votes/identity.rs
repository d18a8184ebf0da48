//! Who votes over the socket: whom the subscription's tokens name, from where the connection comes.

use hyper::Method;
use jsonwebtoken::{EncodingKey, Header, get_current_timestamp};
use pollster_integration::{DEADLINE, PollView, Stack, Viewer, lunch, token, wait_until};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{accepted, assert_error, browser, message, subscribe, subscribed, vote};

/// A poll with this kind of voters.
async fn poll_of(stack: &Stack, voter_identity: &str) -> PollView {
    let mut definition = lunch();
    definition["settings"] = json!({"voter_identity": voter_identity});
    stack.create_poll(&definition).await
}

/// An access token with these members.
fn access_token(members: &Value) -> String {
    let mut claims = json!({"sub": Uuid::now_v7(), "exp": get_current_timestamp() + 3600});
    for (name, value) in members.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let key = EncodingKey::from_secret(b"the token secret of the integration tests");
    jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap()
}

#[tokio::test]
async fn who_does_not_subscribe_with_a_token_is_told_to() {
    let stack = Stack::start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let of_accounts = poll_of(&stack, "account").await;
    let voter = json!({"voter_token": token()});
    let mut viewer = subscribed(&stack, &other, &voter).await;
    subscribe(&mut viewer, &of_accounts, &voter).await;
    for (what, poll) in [("another poll's token", &poll), ("no account", &of_accounts)] {
        let refusal = vote(&mut viewer, poll, what, &poll.ballot(0, 0)).await;
        assert_error(what, &refusal, "unauthenticated");
        assert!(refusal["detail"].as_str().unwrap().starts_with("Subscribe"), "{refusal}");
    }
    let mut nobody = subscribed(&stack, &poll, &json!({})).await;
    assert_error("no token", &vote(&mut nobody, &poll, "key", &poll.ballot(0, 0)).await, "unauthenticated");

    subscribe(&mut nobody, &poll, &voter).await;
    accepted(&mut nobody, &poll, "key", &poll.ballot(0, 0)).await;
    nobody.say(json!({"type": "unsubscribe", "poll_id": poll.poll_id})).await;
    nobody.next("unsubscribed").await;
    let after = vote(&mut nobody, &poll, "key", &poll.ballot(0, 0)).await;
    assert_error("after unsubscribing", &after, "unauthenticated");
    // A token in the message names nobody.
    let mut named = message(&other, "named", &other.ballot(0, 0));
    named["voter_token"] = json!(token());
    assert_error("a token in the vote", &super::answer(&mut nobody, named).await, "malformed_request");
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
    assert_eq!(stack.assert_exact(&of_accounts).await.total, 0);
}

#[tokio::test]
async fn an_account_votes_once_on_whatever_connection() {
    let stack = Stack::start().await;
    let poll = poll_of(&stack, "account").await;
    let account = json!({"access_token": access_token(&json!({})), "voter_token": token()});
    let mut viewer = subscribed(&stack, &poll, &account).await;
    accepted(&mut viewer, &poll, "one", &poll.ballot(0, 0)).await;
    let elsewhere = json!({"access_token": account["access_token"], "voter_token": token()});
    let mut elsewhere = subscribed(&stack, &poll, &elsewhere).await;
    let again = vote(&mut elsewhere, &poll, "two", &poll.ballot(0, 1)).await;
    assert_error("another browser", &again, "already_voted");

    // Who subscribes again as another votes as another.
    let other = json!({"access_token": access_token(&json!({}))});
    subscribe(&mut viewer, &poll, &other).await;
    accepted(&mut viewer, &poll, "one", &poll.ballot(0, 1)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn a_poll_that_asks_for_a_verified_address_asks_here_too() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"voter_identity": "account", "verified_email": true});
    let poll = stack.create_poll(&definition).await;
    let account =
        |verified: bool| json!({"access_token": access_token(&json!({"email_verified": verified}))});
    let mut unverified = subscribed(&stack, &poll, &account(false)).await;
    let refusal = vote(&mut unverified, &poll, "key", &poll.ballot(0, 0)).await;
    assert_error("unverified", &refusal, "not_verified");
    let mut verified = subscribed(&stack, &poll, &account(true)).await;
    accepted(&mut verified, &poll, "key", &poll.ballot(0, 0)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_token_that_has_expired_since_votes_no_more() {
    let stack = Stack::start().await;
    let (poll, of_browsers) = (poll_of(&stack, "account").await, poll_of(&stack, "browser").await);
    // Believed for half a minute beyond its end, of which some seconds are left.
    let ending = access_token(&json!({"exp": get_current_timestamp() - 30 + 4}));
    let tokens = json!({"access_token": ending, "voter_token": token()});
    let mut viewer = subscribed(&stack, &poll, &tokens).await;
    subscribe(&mut viewer, &of_browsers, &tokens).await;
    assert_eq!(viewer.frames_of("error"), [json!(null); 0]);
    wait_until("the token has expired", DEADLINE, async || {
        let bearer = format!("Bearer {ending}");
        let reply = stack.request(Method::GET, "/api/v1/me", &[("authorization", &bearer)], "").await;
        (reply.code().as_deref() == Some("token_expired")).then_some(())
    })
    .await;
    // As over REST, where no token beside it counts either.
    for poll in [&poll, &of_browsers] {
        let refusal = vote(&mut viewer, poll, "key", &poll.ballot(0, 0)).await;
        assert_error("expired", &refusal, "token_expired");
        assert_eq!(stack.assert_exact(poll).await.total, 0);
    }
    subscribe(&mut viewer, &poll, &json!({"access_token": access_token(&json!({}))})).await;
    accepted(&mut viewer, &poll, "key", &poll.ballot(0, 0)).await;
}

#[tokio::test]
async fn an_address_votes_once_over_both_ways() {
    let stack = Stack::builder().env("TRUSTED_PROXIES", "127.0.0.1").start().await;
    let poll = poll_of(&stack, "browser_and_address").await;
    let gateway = stack.gateway(0).address();
    let from = async |address: &str| {
        let mut viewer = Viewer::connect_with(gateway, &[("x-forwarded-for", address)]).await;
        subscribe(&mut viewer, &poll, &json!({"voter_token": token()})).await;
        viewer
    };
    let mut first = from("192.0.2.1").await;
    accepted(&mut first, &poll, "key", &poll.ballot(0, 0)).await;
    let mut second = from("192.0.2.1").await;
    let refusal = vote(&mut second, &poll, "key", &poll.ballot(0, 0)).await;
    assert_error("the same address", &refusal, "already_voted");
    let body = String::from_utf8(poll.ballot(0, 0).to_vec()).unwrap();
    let (voter, path) = (token(), poll.votes_path().to_string());
    let headers = |address| {
        [
            ("content-type", "application/json"),
            ("x-voter-token", voter.as_str()),
            ("x-forwarded-for", address),
        ]
    };
    let rest = stack.request(Method::POST, &path, &headers("192.0.2.1"), &body).await;
    assert_eq!(rest.code().as_deref(), Some("already_voted"));
    assert_eq!(stack.request(Method::POST, &path, &headers("192.0.2.2"), &body).await.status, 202);
    let refusal = vote(&mut from("192.0.2.2").await, &poll, "key", &poll.ballot(0, 0)).await;
    assert_error("an address that voted by REST", &refusal, "already_voted");
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn an_account_votes_from_five_devices_and_no_more() {
    let stack = Stack::start().await;
    let access_token = access_token(&json!({}));
    let gateway = stack.gateway(0).address();
    let vote_from = async |device: &str| {
        let poll = poll_of(&stack, "account").await;
        let mut viewer = Viewer::connect_with(gateway, &[("x-device-fingerprint", device)]).await;
        subscribe(&mut viewer, &poll, &json!({"access_token": access_token})).await;
        vote(&mut viewer, &poll, "key", &poll.ballot(0, 0)).await
    };
    for n in 0..5 {
        let answer = vote_from(&format!("device-{n}")).await;
        assert_eq!(answer["type"], "vote_accepted", "{answer}");
    }
    assert_error("a sixth device", &vote_from("device-5").await, "forbidden");

    let handshake = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("x-device-fingerprint", &"x".repeat(129)),
    ];
    let reply = stack.request(Method::GET, "/ws", &handshake, "").await;
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (400, Some("malformed_request")));
}

#[tokio::test]
async fn nothing_of_who_votes_over_the_socket_is_logged() {
    let stack = Stack::builder().env("RUST_LOG", "debug").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let mut viewer = browser(&stack, &poll, &voter).await;
    accepted(&mut viewer, &poll, "request-of-a-voter", &poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    let log = stack.gateway(0).log();
    assert!(log.contains("answered"), "it logs");
    assert!(!log.contains(&voter) && !log.contains("request-of-a-voter"));
}

#[tokio::test]
async fn who_could_not_subscribe_is_not_taken_for_who_was_there_before() {
    let stack = Stack::start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let (first, second) = (json!({"voter_token": token()}), json!({"voter_token": token()}));
    for (name, is_meant) in [(poll.poll_id.to_string(), false), (poll.slug.clone(), true)] {
        let mut viewer = subscribed(&stack, &poll, &first).await;
        subscribe(&mut viewer, &other, &first).await;
        viewer.say(json!({"type": "subscribe", "poll_id": name, "voter_token": "nobody"})).await;
        viewer.ping().await;
        // Sent without waiting for what became of the subscription.
        let refusal = vote(&mut viewer, &poll, "second", &poll.ballot(0, 1)).await;
        assert_error(&name, &refusal, "malformed_request");
        if is_meant {
            let refusal = vote(&mut viewer, &other, "second", &other.ballot(0, 1)).await;
            assert_error("a slug may be any poll's", &refusal, "malformed_request");
        }
        viewer.say(json!({"type": "subscribe", "poll_id": "no-such-poll", "voter_token": token()})).await;
        subscribe(&mut viewer, &poll, &second).await;
        accepted(&mut viewer, &poll, "second", &poll.ballot(0, 1)).await;
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 1, "the second one alone has voted");
}
