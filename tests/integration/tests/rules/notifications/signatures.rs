//! Calls of webhooks, and how receivers know them.

use hyper::{HeaderMap, Method};
use pollster_integration::{Answer, DEADLINE, ReceivedHook, Receiver, lunch, wait_until};
use pollster_shared::polls::PollName;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::bed::{Bed, notifiers};

/// Waits until the receiver took so many calls, and returns them.
async fn received(receiver: &Receiver, number: usize) -> Vec<ReceivedHook> {
    wait_until("the calls", 2 * DEADLINE, async || {
        Some(receiver.received()).filter(|calls| calls.len() >= number)
    })
    .await
}

/// Verifies a call as receivers do.
fn verify(webhook: &Webhook, call: &ReceivedHook) -> bool {
    let mut headers = HeaderMap::new();
    headers.insert("webhook-id", call.id.parse().unwrap());
    headers.insert("webhook-timestamp", call.timestamp.parse().unwrap());
    headers.insert("webhook-signature", call.signature.parse().unwrap());
    webhook.verify(&call.raw, &headers).is_ok()
}

#[tokio::test]
async fn a_call_verifies_with_the_secret_that_making_the_webhook_gave() {
    let bed = Bed::start(notifiers(1).gateways(1)).await;
    let receiver = Receiver::start().await;
    let made = bed.stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}/webhooks", made.poll_id);
    let headers =
        [("content-type", "application/json"), ("x-manage-token", made.manage_token.as_deref().unwrap())];
    let draft = json!({"url": receiver.url()}).to_string();
    let webhook: Value = bed.stack.request(Method::POST, &path, &headers, &draft).await.json().unwrap();
    let poll = bed.find(&PollName::Id(made.poll_id)).await;
    let id = bed.notify(&poll, None, 100).await;

    let call = received(&receiver, 1).await.remove(0);
    let secret = webhook["secret"].as_str().unwrap();
    assert!(verify(&Webhook::new(secret).unwrap(), &call), "{call:?}");
    let other = ReceivedHook { raw: [&call.raw[..], b" "].concat(), ..call.clone() };
    assert!(!verify(&Webhook::new(secret).unwrap(), &other));
    assert_eq!(call.body["type"], "milestone");
    assert_eq!(call.body["data"], json!({"poll_id": poll.poll_id, "total_votes": 100}));
    let created_at = "SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
                      FROM notifications WHERE notification_id = $1";
    let created_at: String = bed.sql.query_one(created_at, &[&id]).await.unwrap().get(0);
    assert_eq!(at(&call.body["timestamp"]), at(&json!(created_at)));
    bed.delivery(id, "webhook", |delivery| delivery.delivered && delivery.attempts == 1).await;
    assert!(
        bed.stack
            .background()
            .metrics()
            .await
            .contains("pollster_notifications_total{kind=\"milestone\",outcome=\"delivered\"} 1")
    );
}

fn at(time: &Value) -> chrono::DateTime<chrono::Utc> {
    time.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_receiver_that_fails_at_first_gets_the_same_bytes_under_the_same_id_later() {
    let bed = Bed::start(notifiers(1)).await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let poll = bed.poll(None).await;
    let secret = bed.webhook(&poll, &receiver.url()).await;
    bed.webhook(&poll, &other.url()).await;
    receiver.fail_next(2);
    bed.notify(&poll, None, 100).await;

    let call = received(&receiver, 1).await.remove(0);
    let failed = receiver.refused();
    assert_eq!(failed.len(), 2);
    let webhook = Webhook::from_bytes(secret).unwrap();
    for earlier in &failed {
        assert_eq!((&earlier.id, &earlier.raw), (&call.id, &call.raw));
        assert!(verify(&webhook, earlier) && verify(&webhook, &call));
    }
    // Another webhook's call is another.
    let elsewhere = received(&other, 1).await.remove(0);
    assert_ne!(elsewhere.id, call.id);
    assert_eq!(elsewhere.raw, call.raw);
    assert!(!verify(&webhook, &elsewhere));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let bed = Bed::start(notifiers(1)).await;
    let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    let poll = bed.poll(None).await;
    bed.webhook(&poll, &receiver.url()).await;
    receiver.answer_always(Some(Answer::Redirect(elsewhere.url())));
    let id = bed.notify(&poll, None, 100).await;
    let failed = bed.delivery(id, "webhook", |delivery| delivery.error.is_some()).await;
    assert_eq!(failed.error.as_deref(), Some("it answered 307"));
    receiver.answer_always(None);
    received(&receiver, 1).await;
    assert_eq!(elsewhere.connections(), 0);
}
