//! A poll's counts, from every place that holds them, each asked in its own way.

use std::collections::{BTreeMap, HashMap};

use pollster_bench::client::{PollView, ResultsView};
use redis::AsyncCommands;
use tokio_postgres::Client;

use crate::stack::Stack;
use crate::{DEADLINE, wait_until};

/// A poll's counts: `choice:<id>` to votes and `question:<id>` to responses, and all responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Responses over all questions.
    pub total: i64,
    /// Votes a choice and responses a question.
    pub results: BTreeMap<String, i64>,
}

const QUESTIONS_OF_RESPONSES: &str = "SELECT 'question:' || q.question_id, count(r.voter) \
    FROM polls p JOIN questions q ON q.poll = p.id LEFT JOIN responses r ON r.question = q.id AND r.choices <> 0 \
    WHERE p.poll_id = $1 GROUP BY 1";
const CHOICES_OF_RESPONSES: &str = "SELECT 'choice:' || c.choice_id, count(r.voter) \
    FROM polls p JOIN questions q ON q.poll = p.id JOIN choices c ON c.question = q.id \
    LEFT JOIN responses r ON r.question = q.id AND ((r.choices >> c.position::int) & 1) = 1 \
    WHERE p.poll_id = $1 GROUP BY 1";
const TALLIES: &str = "SELECT 'question:' || q.question_id, t.responses \
    FROM polls p JOIN questions q ON q.poll = p.id JOIN question_tallies t ON t.question = q.id \
    WHERE p.poll_id = $1 \
    UNION ALL SELECT 'choice:' || c.choice_id, t.votes \
    FROM polls p JOIN questions q ON q.poll = p.id JOIN choices c ON c.question = q.id \
    JOIN choice_tallies t ON t.question = c.question AND t.position = c.position WHERE p.poll_id = $1";
const POLL_TALLY: &str =
    "SELECT t.total_votes, t.version FROM polls p JOIN poll_tallies t ON t.poll = p.id WHERE p.poll_id = $1";

impl From<&ResultsView> for Counts {
    fn from(view: &ResultsView) -> Self {
        let mut results = BTreeMap::new();
        for question in &view.questions {
            results.insert(format!("question:{}", question.question_id), question.total_votes as i64);
            for choice in &question.choices {
                results.insert(format!("choice:{}", choice.choice_id), choice.votes as i64);
            }
        }
        Self { total: view.total_votes as i64, results }
    }
}

impl Counts {
    /// The tallies in PostgreSQL, with their version.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn tallied(database: &Client, poll: &PollView) -> Result<(i64, Self), tokio_postgres::Error> {
        let row = database.query_one(POLL_TALLY, &[&poll.poll_id]).await?;
        let results = query(database, poll, TALLIES).await?;
        Ok((row.get(1), Self { total: row.get(0), results }))
    }

    /// The responses in PostgreSQL, counted one by one.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn recounted(database: &Client, poll: &PollView) -> Result<Self, tokio_postgres::Error> {
        let mut results = query(database, poll, QUESTIONS_OF_RESPONSES).await?;
        let total = results.values().sum();
        results.extend(query(database, poll, CHOICES_OF_RESPONSES).await?);
        Ok(Self { total, results })
    }

    /// The counts in Redis with their version; `None` where it holds none.
    ///
    /// # Errors
    /// When Redis fails.
    pub async fn in_redis(
        redis: &mut impl AsyncCommands,
        poll: &PollView,
    ) -> redis::RedisResult<Option<(i64, Self)>> {
        let key = format!("poll:{{{}}}:counts", poll.poll_id);
        let fields: HashMap<String, i64> = redis.hgetall(key).await?;
        let (Some(version), Some(total)) = (fields.get("version"), fields.get("total")) else {
            return Ok(None);
        };
        let counted = |name: &str| name.starts_with("choice:") || name.starts_with("question:");
        let results = fields.iter().filter(|(name, _)| counted(name));
        let results = results.map(|(name, count)| (name.clone(), *count)).collect();
        Ok(Some((*version, Self { total: *total, results })))
    }
}

async fn query(
    database: &Client,
    poll: &PollView,
    statement: &str,
) -> Result<BTreeMap<String, i64>, tokio_postgres::Error> {
    let rows = database.query(statement, &[&poll.poll_id]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

impl Stack {
    /// The tallies in PostgreSQL.
    ///
    /// # Panics
    /// When PostgreSQL fails, as all of these.
    pub async fn counts(&self, poll: &PollView) -> Counts {
        self.tallied(poll).await.1
    }

    /// The version in PostgreSQL.
    pub async fn version(&self, poll: &PollView) -> i64 {
        self.tallied(poll).await.0
    }

    /// The responses in PostgreSQL, counted one by one.
    pub async fn recounted(&self, poll: &PollView) -> Counts {
        Counts::recounted(&self.database().connect().await, poll).await.expect("counts")
    }

    /// The number of responses in PostgreSQL.
    pub async fn responses_count(&self, poll: &PollView) -> i64 {
        self.recounted(poll).await.total
    }

    /// The counts in Redis and their version; `None` where it holds none.
    pub async fn hash_counts(&self, poll: &PollView) -> Option<(i64, Counts)> {
        Counts::in_redis(&mut self.aggregates(), poll).await.expect("a hash")
    }

    /// Waits until everything accepted is processed, then holds all places that count against each
    /// other: the responses recounted, the tallies, the hash in Redis, the results endpoint. Returns
    /// what they agree on.
    pub async fn assert_exact(&self, poll: &PollView) -> Counts {
        self.drained().await;
        let mut version = self.version(poll).await;
        self.results(poll).await;
        wait_until("the hash in Redis is at the tallies' version", DEADLINE, async || {
            version = version.max(self.version(poll).await);
            let (hash_version, _) = self.hash_counts(poll).await?;
            (hash_version >= version).then_some(())
        })
        .await;
        let recounted = self.recounted(poll).await;
        assert_eq!(self.counts(poll).await, recounted, "tallies against responses");
        let (_, in_hash) = self.hash_counts(poll).await.expect("counts in Redis");
        assert_eq!(in_hash, recounted, "Redis against responses");
        let served = self.results(poll).await;
        assert_eq!(Counts::from(&served), recounted, "results endpoint against responses");
        recounted
    }

    async fn tallied(&self, poll: &PollView) -> (i64, Counts) {
        Counts::tallied(&self.database().connect().await, poll).await.expect("the poll's tallies")
    }
}
