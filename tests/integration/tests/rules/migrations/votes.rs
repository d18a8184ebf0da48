//! What votes do to the database, as far as a schema has come: whatever the version, a statement of the vote path that
//! fails, or waits for longer than migrations may let it, is an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pollster_integration::{DEADLINE, Database, wait_until};
use pollster_shared::shutdown::Shutdown;
use tokio::task::JoinSet;
use tokio_postgres::Client;

/// A statement, and the table without which it can't be.
const STATEMENTS: [(&str, &str); 8] = [
    ("polls", "SELECT p.*, q.*, c.* FROM polls p JOIN questions q ON q.poll = p.id JOIN choices c ON c.question = q.id"),
    ("polls", "SELECT id FROM polls WHERE closed_at IS NULL FOR SHARE"),
    ("poll_tallies", "UPDATE poll_tallies SET total_votes = total_votes + 1, version = version + 1"),
    ("question_tallies", "UPDATE question_tallies SET responses = responses + 1"),
    ("choice_tallies", "UPDATE choice_tallies SET votes = votes + 1 WHERE position = 0"),
    (
        "responses",
        "INSERT INTO responses (question, choices, digest, submitted_at, voter, month)
         SELECT id, 1, 1, now(), gen_random_uuid(), date_trunc('month', now()) FROM questions ON CONFLICT DO NOTHING",
    ),
    (
        "poll_timeline",
        "INSERT INTO poll_timeline (poll, minute, question, position, votes)
         SELECT poll, date_trunc('minute', now()), id, 0, 1 FROM questions
         ON CONFLICT (poll, minute, question, position) DO UPDATE SET votes = poll_timeline.votes + 1",
    ),
    (
        "shard_progress",
        "INSERT INTO shard_progress VALUES (0, 1, 0) ON CONFLICT (shard) DO UPDATE SET milliseconds = shard_progress.milliseconds + 1",
    ),
];

/// A poll to vote in, with the columns of the first version.
const POLL: &str = "
    INSERT INTO polls (poll_id, slug, title, description, settings, shards, month, created_at)
        VALUES (gen_random_uuid(), 'lunch', '', '', '{}', 1, date_trunc('month', now()), now());
    INSERT INTO questions (question_id, poll, position, text, min_choices, max_choices, choice_count)
        SELECT gen_random_uuid(), id, 0, '', 1, 1, 2 FROM polls;
    INSERT INTO choices SELECT id, place, gen_random_uuid(), '' FROM questions, (VALUES (0), (1)) p (place);
    INSERT INTO poll_tallies (poll) SELECT id FROM polls;
    INSERT INTO question_tallies (question) SELECT id FROM questions;
    INSERT INTO choice_tallies (question, position) SELECT question, position FROM choices";

/// Votes, one transaction after the other.
pub(super) struct Votes {
    committed: Arc<AtomicU64>,
    end: Shutdown,
    voters: JoinSet<()>,
}

impl Votes {
    /// Makes a poll, and begins to vote with what the database has. A statement that waits for a lock for longer than
    /// `lock_timeout` fails.
    pub(super) async fn start(database: &Database, lock_timeout: &str) -> Self {
        let client = database.connect().await;
        client.batch_execute(POLL).await.unwrap();
        let tables = tables(&client).await;
        if tables.iter().any(|table| table == "responses") {
            client.batch_execute("SELECT ensure_responses_partition(now()::date)").await.unwrap();
        }
        let has = |table: &str| tables.iter().any(|other| other == table);
        let transaction: Vec<&str> =
            STATEMENTS.iter().filter(|(table, _)| has(table)).map(|(_, statement)| *statement).collect();
        let transaction = format!("BEGIN; {}; COMMIT", transaction.join("; "));
        let (committed, end, mut voters) = (Arc::<AtomicU64>::default(), Shutdown::new(), JoinSet::new());
        for _ in 0..2 {
            let client = database.connect().await;
            client.batch_execute(&format!("SET lock_timeout = '{lock_timeout}'")).await.unwrap();
            let (transaction, committed, end) = (transaction.clone(), committed.clone(), end.clone());
            voters.spawn(async move {
                while !end.is_cancelled() {
                    client.batch_execute(&transaction).await.unwrap();
                    committed.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        Self { committed, end, voters }
    }

    /// Waits until votes were committed from now on.
    pub(super) async fn go_on(&self) {
        let enough = self.committed.load(Ordering::Relaxed) + 20;
        wait_until("votes go on", DEADLINE, async || {
            (self.committed.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
    }

    /// Ends them; fails where a statement failed.
    pub(super) async fn end(mut self) {
        self.end.cancel();
        while let Some(voter) = self.voters.join_next().await {
            voter.expect("no statement of the votes failed");
        }
    }
}

/// The tables that there are.
pub(super) async fn tables(client: &Client) -> Vec<String> {
    let ours = "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND relname NOT LIKE '\\_\\_diesel%'";
    client.query(ours, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}
