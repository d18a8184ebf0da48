//! Notifications are pushed to who is signed in on a WebSocket, wherever that is.

mod channels;
mod listeners;

use chrono::{DateTime, SubsecRound, Utc};
use pollster_integration::{PollView, Stack, TestAccount, Viewer};
use pollster_shared::channels::{AccountTopic, Publisher};
use pollster_shared::keys;
use pollster_shared::notifications::{self, Notification};
use pollster_shared::vote::HashSecret;
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

/// That of all stacks.
fn secret() -> HashSecret {
    HashSecret::new("the hash secret of the integration tests")
}

fn channel(account: &TestAccount) -> String {
    keys::notifications(AccountTopic::new(&secret(), &account.subject))
}

/// A notification that nobody was told yet.
fn notification(message: &str) -> Notification {
    Notification {
        notification_id: Uuid::now_v7(),
        r#type: "milestone".to_owned(),
        poll_id: Some(Uuid::now_v7()),
        message: message.to_owned(),
        created_at: DateTime::<Utc>::from(std::time::SystemTime::now()).trunc_subsecs(6),
        read_at: None,
    }
}

/// The frame that tells it.
fn frame(notification: &Notification) -> Value {
    json!({"type": "notification", "notification": notification})
}

/// What delivers notifications in the app.
struct Pusher(Publisher);

impl Pusher {
    fn new(url: &str) -> Self {
        Self(Publisher::new(url).unwrap())
    }

    /// Pushes it; a server that was hurt may refuse for a moment.
    async fn push(&self, account: &TestAccount, notification: &Notification) {
        let pushed = async {
            while notifications::push(&self.0, &secret(), &account.subject, notification).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(pollster_integration::DEADLINE, pushed).await.expect("messages are taken again");
    }
}

/// Somebody who watches a poll as this account.
async fn signed_in(stack: &Stack, gateway: usize, poll: &PollView, account: &TestAccount) -> Viewer {
    let mut viewer = Viewer::connect(stack.gateway(gateway).address()).await;
    subscribe(&mut viewer, poll, account).await;
    viewer
}

async fn subscribe(viewer: &mut Viewer, poll: &PollView, account: &TestAccount) {
    let token = account.access_token();
    viewer.say(json!({"type": "subscribe", "poll_id": poll.poll_id, "access_token": token})).await;
    // What is said after that finds the subscription made.
    viewer.ping().await;
}
