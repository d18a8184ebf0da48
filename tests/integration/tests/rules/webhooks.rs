//! A poll's webhooks, over REST.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use hyper::Method;
use pollster_integration::{PollView, Reply, Stack, lunch};
use serde_json::{Value, json};
use uuid::Uuid;

const JSON: (&str, &str) = ("content-type", "application/json");
const URL: &str = "https://hooks.example.org/polls?key=1";

fn path(poll: &PollView) -> String {
    format!("/api/v1/polls/{}/webhooks", poll.slug)
}

fn manage_token(poll: &PollView) -> (&str, &str) {
    ("x-manage-token", poll.manage_token.as_deref().unwrap())
}

async fn make(stack: &Stack, poll: &PollView, who: (&str, &str), url: &str) -> Reply {
    stack.request(Method::POST, &path(poll), &[JSON, who], &json!({"url": url}).to_string()).await
}

async fn list(stack: &Stack, poll: &PollView) -> Vec<Value> {
    let reply = stack.request(Method::GET, &path(poll), &[manage_token(poll)], "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json::<Value>().unwrap()["webhooks"].as_array().unwrap().clone()
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.code().unwrap_or_default())
}

#[tokio::test]
async fn a_webhook_is_made_listed_and_removed_and_its_secret_is_told_once() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let made = make(&stack, &poll, manage_token(&poll), URL).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let mut made: Value = made.json().unwrap();
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    let random = secret.as_str().unwrap().strip_prefix("whsec_").unwrap();
    let random = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, random).unwrap();
    assert!((24..=64).contains(&random.len()));
    assert_eq!(made["url"], URL);

    // The same URL again is another webhook, with a secret of its own.
    let again: Value = make(&stack, &poll, manage_token(&poll), URL).await.json().unwrap();
    assert_ne!((&again["webhook_id"], &again["secret"]), (&made["webhook_id"], &secret));
    let listed = list(&stack, &poll).await;
    assert_eq!(listed[0], made);
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|webhook| webhook.get("secret").is_none()));
    assert!(list(&stack, &other).await.is_empty());

    let one = |poll: &PollView, id: &str| format!("{}/{id}", path(poll));
    let id = made["webhook_id"].as_str().unwrap();
    let unknown = Uuid::now_v7().to_string();
    for (poll, id) in [(&other, id), (&poll, unknown.as_str()), (&poll, "none")] {
        let reply = stack.request(Method::DELETE, &one(poll, id), &[manage_token(poll)], "").await;
        assert_eq!(code(&reply), (404, "webhook_not_found".to_owned()));
    }
    let removed = stack.request(Method::DELETE, &one(&poll, id), &[manage_token(&poll)], "").await;
    assert_eq!(removed.status, 204);
    let left = list(&stack, &poll).await;
    assert_eq!(left.iter().map(|webhook| &webhook["webhook_id"]).collect::<Vec<_>>(), [&again["webhook_id"]]);
    let removed = stack.request(Method::DELETE, &one(&poll, id), &[manage_token(&poll)], "").await;
    assert_eq!(code(&removed), (404, "webhook_not_found".to_owned()));
}

#[tokio::test]
async fn only_who_manages_the_poll_has_a_say_in_its_webhooks() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    let admin = stack.admin("root").await;
    let headers = [JSON, ann.header()];
    let poll = stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await;
    let poll: PollView = poll.json().unwrap();
    let made = make(&stack, &poll, ann.header(), URL).await;
    assert_eq!(made.status, 201);
    let id = made.json::<Value>().unwrap()["webhook_id"].as_str().unwrap().to_owned();
    let body = json!({"url": URL}).to_string();
    let calls = [
        (Method::POST, path(&poll), body.as_str()),
        (Method::GET, path(&poll), ""),
        (Method::DELETE, format!("{}/{id}", path(&poll)), ""),
    ];
    for (method, path, body) in &calls {
        let anybody = stack.request(method.clone(), path, &[JSON], body).await;
        assert_eq!(code(&anybody), (401, "unauthenticated".to_owned()), "{method}");
        for other in [bob.header(), ("x-manage-token", "5d0c6f3a9be14c7f8a2e0d4b6c1f7e93")] {
            let other = stack.request(method.clone(), path, &[JSON, other], body).await;
            assert_eq!(code(&other), (403, "forbidden".to_owned()), "{method}");
        }
    }
    for ((method, path, body), status) in calls.iter().zip([201, 200, 204]) {
        let reply = stack.request(method.clone(), path, &[JSON, admin.header()], body).await;
        assert_eq!(reply.status, status, "{method}");
    }
}

#[tokio::test]
async fn a_poll_has_ten_webhooks_at_most_also_when_they_come_at_once() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    let urls: Vec<String> = (0..13).map(|number| format!("https://hooks.example.org/{number}")).collect();
    let made = join_all(urls.iter().map(|url| make(&stack, &poll, manage_token(&poll), url))).await;
    let refused: Vec<&Reply> = made.iter().filter(|reply| reply.status != 201).collect();
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|reply| code(reply) == (422, "invalid_webhook".to_owned())));
    let listed = list(&stack, &poll).await;
    let distinct: BTreeSet<&str> = listed.iter().map(|webhook| webhook["url"].as_str().unwrap()).collect();
    assert_eq!((listed.len(), distinct.len()), (10, 10));
}

#[tokio::test]
async fn a_url_that_may_not_be_called_is_refused() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    for url in [
        "",
        "hook",
        "ftp://example.org/",
        "http://example.org/",
        "https://ann:secret@example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[::ffff:192.168.0.1]/",
        "http://127.0.0.1:8080/",
    ] {
        let reply = make(&stack, &poll, manage_token(&poll), url).await;
        assert_eq!(code(&reply), (422, "invalid_webhook".to_owned()), "{url}");
        assert_eq!(reply.json::<Value>().unwrap()["errors"][0]["field"], "url");
        assert!(!reply.text().contains("secret"), "{url}");
    }
    for body in ["{}", r#"{"url": 7}"#, r#"{"url": "https://example.org/", "secret": "whsec_"}"#, "["] {
        let reply = stack.request(Method::POST, &path(&poll), &[JSON, manage_token(&poll)], body).await;
        assert_eq!(code(&reply), (400, "malformed_request".to_owned()), "{body}");
    }
    assert!(list(&stack, &poll).await.is_empty());
}
