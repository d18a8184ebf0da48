//! A stack whose notifications a test records itself, as the jobs do.

use chrono::Utc;
use pollster_integration::{Builder, DEADLINE, Stack, wait_until};
use pollster_shared::database::{self, Pool};
use pollster_shared::notifications::{self, MILESTONE, NewNotification};
use pollster_shared::poll::{Draft, Poll};
use pollster_shared::polls::{self, PollName};
use pollster_shared::queues::{self, Notify};
use pollster_shared::redis::{Connection, connection};
use pollster_shared::vote::HashSecret;
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

/// The stack, and what records notifications in its database.
pub(crate) struct Bed {
    pub(crate) stack: Stack,
    pub(crate) sql: Client,
    pub(crate) streams: Connection,
    pool: Pool,
}

/// A stack of background programs alone, which may call receivers of this machine and tries again soon.
pub(crate) fn notifiers(number: usize) -> Builder {
    Stack::builder()
        .gateways(0)
        .aggregators(0)
        .backgrounds(number)
        .env("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
        .env("NOTIFY_RETRY_BASE", "100ms")
}

/// A delivery as its row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) channel: String,
    pub(crate) attempts: i32,
    pub(crate) delivered: bool,
    pub(crate) given_up: bool,
    pub(crate) error: Option<String>,
}

impl Bed {
    pub(crate) async fn start(builder: Builder) -> Self {
        let stack = builder.start().await;
        let sql = stack.database().connect().await;
        let pool = database::pool(stack.database().url(), 8).unwrap();
        let streams = connection(stack.redis().url()).unwrap();
        Self { stack, sql, streams, pool }
    }

    /// The row of a new account with a verified e-mail address, `<username>@example.org`.
    pub(crate) async fn account(&self, username: &str) -> i64 {
        let account = self.stack.account(username).await;
        let row = self.sql.query_one("SELECT id FROM users WHERE subject = $1", &[&account.subject]).await;
        row.unwrap().get(0)
    }

    /// Changes the row of an account, as `PATCH /me` would.
    pub(crate) async fn chooses(&self, account: i64, choices: &str) {
        let update = format!("UPDATE users SET {choices} WHERE id = $1");
        assert_eq!(self.sql.execute(&update, &[&account]).await.unwrap(), 1);
    }

    /// A new poll, of this account.
    pub(crate) async fn poll(&self, creator: Option<i64>) -> Poll {
        let question = json!({"text": "Where?", "choices": ["Thai", "Pizza"]});
        let draft: Draft =
            serde_json::from_value(json!({"title": "Lunch?", "questions": [question]})).unwrap();
        let mut connection = self.pool.get().await.unwrap();
        let secret = HashSecret::new("a secret of the tests");
        polls::create(&mut connection, draft, creator, &secret, 1, Utc::now()).await.unwrap().poll
    }

    /// The poll of this name, made over the API.
    pub(crate) async fn find(&self, name: &PollName) -> Poll {
        let mut connection = self.pool.get().await.unwrap();
        polls::find(&mut connection, name).await.unwrap().unwrap()
    }

    /// A webhook of the poll at this URL; returns its secret.
    pub(crate) async fn webhook(&self, poll: &Poll, url: &str) -> Vec<u8> {
        let secret = Uuid::new_v4().as_bytes().repeat(2);
        let insert = "INSERT INTO webhooks (webhook_id, poll, url, secret) VALUES ($1, $2, $3, $4)";
        self.sql.execute(insert, &[&Uuid::now_v7(), &poll.id, &url, &secret]).await.unwrap();
        secret
    }

    /// Records that the poll crossed a threshold, for its creator.
    pub(crate) async fn record(&self, poll: &Poll, recipient: Option<i64>, threshold: u32) -> Option<Uuid> {
        let event = format!("{MILESTONE}:{}:{threshold}", poll.poll_id);
        self.record_event(event, MILESTONE, poll, recipient).await
    }

    /// Records an event of this kind.
    pub(crate) async fn record_event(
        &self,
        event: String,
        kind: &'static str,
        poll: &Poll,
        recipient: Option<i64>,
    ) -> Option<Uuid> {
        let new = NewNotification {
            event,
            kind,
            poll: Some(poll.id),
            recipient,
            message: "“Lunch?” has 100 votes.",
            data: json!({"poll_id": poll.poll_id, "total_votes": 100}),
        };
        let mut connection = self.pool.get().await.unwrap();
        notifications::record(&mut connection, &new).await.unwrap()
    }

    /// Records that the poll crossed a threshold, for this account, and has it delivered.
    pub(crate) async fn notify(&self, poll: &Poll, recipient: Option<i64>, threshold: u32) -> Uuid {
        let notification_id = self.record(poll, recipient, threshold).await.unwrap();
        self.enqueue(notification_id).await;
        notification_id
    }

    /// Has a notification delivered, or what was given up of it once more.
    pub(crate) async fn enqueue(&self, notification_id: Uuid) {
        queues::enqueue(&mut self.streams.clone(), &Notify { notification_id }).await.unwrap();
    }

    /// Entries of notifications that are not handled yet.
    pub(crate) async fn waiting_entries(&self) -> usize {
        let mut waiting = 0;
        for shard in 0..queues::SHARDS {
            let mut length = redis::cmd("XLEN");
            length.arg(format!("notify:stream-{{{shard}}}"));
            let length: usize = length.query_async(&mut self.streams.clone()).await.unwrap();
            waiting += length;
        }
        waiting
    }

    /// The dead letters of notifications: event, error and number of attempts of each.
    pub(crate) async fn dead_letters(&self) -> Vec<(String, String, String)> {
        let mut letters = Vec::new();
        for shard in 0..queues::SHARDS {
            let mut range = redis::cmd("XRANGE");
            range.arg(format!("notify:dead-{{{shard}}}")).arg("-").arg("+");
            let reply: redis::streams::StreamRangeReply =
                range.query_async(&mut self.streams.clone()).await.unwrap();
            let field = |letter: &redis::streams::StreamId, name| letter.get(name).unwrap();
            let letter = |letter: redis::streams::StreamId| {
                (field(&letter, "event"), field(&letter, "error"), field(&letter, "deliveries"))
            };
            letters.extend(reply.ids.into_iter().map(letter));
        }
        letters
    }

    /// Waits until the delivery on this channel stands so, and returns it.
    pub(crate) async fn delivery(
        &self,
        notification_id: Uuid,
        channel: &str,
        stands: impl Fn(&Delivery) -> bool,
    ) -> Delivery {
        wait_until(&format!("the delivery by {channel}"), 3 * DEADLINE, async || {
            let deliveries = self.deliveries(notification_id).await;
            deliveries.into_iter().find(|delivery| delivery.channel == channel && stands(delivery))
        })
        .await
    }

    /// The deliveries of a notification, by channel.
    pub(crate) async fn deliveries(&self, notification_id: Uuid) -> Vec<Delivery> {
        let select = "SELECT channel, attempts, delivered_at IS NOT NULL, given_up_at IS NOT NULL, error
                      FROM deliveries d JOIN notifications n ON n.id = d.notification
                      WHERE notification_id = $1 ORDER BY channel, d.id";
        let rows = self.sql.query(select, &[&notification_id]).await.unwrap();
        let delivery = |row: tokio_postgres::Row| Delivery {
            channel: row.get(0),
            attempts: row.get(1),
            delivered: row.get(2),
            given_up: row.get(3),
            error: row.get(4),
        };
        rows.into_iter().map(delivery).collect()
    }

    /// The channels of a notification's deliveries, sorted.
    pub(crate) async fn channels(&self, notification_id: Uuid) -> Vec<String> {
        self.deliveries(notification_id).await.into_iter().map(|delivery| delivery.channel).collect()
    }
}
