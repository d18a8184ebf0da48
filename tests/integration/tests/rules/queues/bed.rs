//! A stack whose polls are final without anybody having said so, and what its queue `archival` holds.

use pollster_integration::{DEADLINE, PollView, Stack, lunch, wait_until};
use pollster_shared::keys;
use pollster_shared::queues::{self, PollClosed, SHARDS};
use pollster_shared::redis as redis_connection;
use redis::AsyncCommands;
use redis::streams::{StreamPendingCountReply, StreamRangeReply};
use tokio_postgres::Client;

/// A stack, and connections that look into it.
pub(crate) struct Queue {
    pub(crate) stack: Stack,
    pub(crate) sql: Client,
}

/// What a killed closer leaves: a poll that is final, of which nobody knows yet. It is too young for the sweep.
const FINAL: &str =
    "UPDATE polls SET closed_at = now(), closing_ids = '{}', finalized_at = now() WHERE poll_id = $1";

impl Queue {
    pub(crate) async fn of(stack: Stack) -> Self {
        let sql = stack.database().connect().await;
        Self { stack, sql }
    }

    /// Polls whose results are final.
    pub(crate) async fn final_polls(&self, number: usize) -> Vec<PollView> {
        let mut polls = Vec::with_capacity(number);
        for _ in 0..number {
            let poll = self.stack.create_poll(&lunch()).await;
            self.sql.execute(FINAL, &[&poll.poll_id]).await.unwrap();
            polls.push(poll);
        }
        polls
    }

    /// Says that a poll's results are final.
    pub(crate) async fn enqueue(&self, poll: &PollView) {
        let event = PollClosed { poll_id: poll.poll_id, closed_at: chrono::Utc::now() };
        let mut redis = redis_connection::connection(self.stack.redis().url()).unwrap();
        queues::enqueue(&mut redis, &event).await.unwrap();
    }

    /// Waits until the ends of these polls are recorded, and no entry is left; checks that each is recorded once.
    pub(crate) async fn recorded_once(&self, polls: &[PollView]) {
        for poll in polls {
            let recorded = "SELECT closing_recorded_at IS NOT NULL FROM polls WHERE poll_id = $1";
            wait_until("the end of a poll is recorded", DEADLINE, async || {
                let row = self.sql.query_one(recorded, &[&poll.poll_id]).await.unwrap();
                row.get::<_, bool>(0).then_some(())
            })
            .await;
        }
        wait_until("the queue is empty", DEADLINE, async || (self.waiting().await == 0).then_some(())).await;
        for poll in polls {
            assert_eq!(self.notifications(poll).await, 1);
            let due = "SELECT count(*) FROM archivals a JOIN polls p ON p.id = a.poll \
                       WHERE p.poll_id = $1 AND a.due_at = p.finalized_at + interval '1 hour'";
            assert_eq!(self.sql.query_one(due, &[&poll.poll_id]).await.unwrap().get::<_, i64>(0), 1);
        }
    }

    /// How often the end of this poll is recorded.
    pub(crate) async fn notifications(&self, poll: &PollView) -> i64 {
        let statement = "SELECT count(*) FROM notifications WHERE event = $1 AND type = 'poll_closed'";
        let event = format!("poll_closed:{}", poll.poll_id);
        self.sql.query_one(statement, &[&event]).await.unwrap().get(0)
    }

    /// Entries in the queue, read or not.
    pub(crate) async fn waiting(&self) -> usize {
        let mut redis = self.stack.redis().connect().await;
        let mut waiting = 0;
        for shard in 0..SHARDS {
            let length: usize = redis.xlen(keys::job_stream("archival", shard)).await.unwrap();
            waiting += length;
        }
        waiting
    }

    /// The consumer of every entry that was read, and how often it was delivered.
    pub(crate) async fn pending(&self) -> Vec<(String, usize)> {
        let mut redis = self.stack.redis().connect().await;
        let mut pending = Vec::new();
        for shard in 0..SHARDS {
            let stream = keys::job_stream("archival", shard);
            let reply: StreamPendingCountReply =
                redis.xpending_count(stream, "archivers", "-", "+", 100).await.unwrap();
            pending.extend(reply.ids.into_iter().map(|id| (id.consumer, id.times_delivered)));
        }
        pending
    }

    /// The error of every dead letter, with how often its entry was tried.
    pub(crate) async fn dead_letters(&self) -> Vec<(String, u32)> {
        let mut redis = self.stack.redis().connect().await;
        let mut letters = Vec::new();
        for shard in 0..SHARDS {
            let reply: StreamRangeReply = redis.xrange_all(keys::dead_jobs("archival", shard)).await.unwrap();
            let read = |letter: &redis::streams::StreamId| {
                (letter.get("error").unwrap(), letter.get("deliveries").unwrap())
            };
            letters.extend(reply.ids.iter().map(read));
        }
        letters
    }

    /// Keeps the ends of these polls from being recorded until it is given up.
    pub(crate) async fn hold_up(&self, polls: &[PollView]) -> Client {
        let holder = self.stack.database().connect().await;
        holder.batch_execute("BEGIN").await.unwrap();
        for poll in polls {
            let lock = "SELECT FROM polls WHERE poll_id = $1 FOR UPDATE";
            holder.execute(lock, &[&poll.poll_id]).await.unwrap();
        }
        holder
    }
}
