//! PostgreSQL and Redis for a test that does the gateway's and the aggregator's work itself.

use std::collections::BTreeMap;

use chrono::Utc;
use pollster_integration::Stack;
use pollster_shared::channels::Publisher;
use pollster_shared::counts::{Counted, Counts, projection};
use pollster_shared::database::{self, Pool};
use pollster_shared::poll::{Draft, Poll};
use pollster_shared::redis::{self as redis_connection, Connection};
use pollster_shared::stream::accept::{Attempt, Outcome, accept};
use pollster_shared::stream::{Streams, entry, prepare};
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Digest, HashSecret, Kind, Voter};
use pollster_shared::{keys, polls, responses, tallies};
use redis::Value;
use tokio_postgres::SimpleQueryMessage;
use uuid::Uuid;

/// No test here fills a stream.
const STREAM_MAX_LEN: u64 = 1_000_000;

/// The servers, and connections to them as the programs make them.
pub(crate) struct Bed {
    pub(crate) pool: Pool,
    pub(crate) redis: Connection,
    pub(crate) channels: Publisher,
    pub(crate) client: redis::Client,
    sql: tokio_postgres::Client,
    _stack: Stack,
}

impl Bed {
    /// An empty Redis and a migrated, empty database.
    pub(crate) async fn start() -> Self {
        let stack = Stack::builder().gateways(0).aggregators(0).without_background().start().await;
        let (database_url, redis_url) = (stack.database().url(), stack.redis().url());
        Self {
            pool: database::pool(database_url, 8).unwrap(),
            redis: redis_connection::connection(redis_url).unwrap(),
            channels: Publisher::new(redis_url).unwrap(),
            client: redis::Client::open(redis_url).unwrap(),
            sql: stack.database().connect().await,
            _stack: stack,
        }
    }

    /// A new poll: of each question one or two of three choices may be chosen.
    pub(crate) async fn poll(&self, questions: usize, shards: u16) -> Poll {
        self.poll_with(questions, shards, serde_json::json!({})).await
    }

    /// The same, with votes that may be changed.
    pub(crate) async fn changeable_poll(&self, questions: usize, shards: u16) -> Poll {
        self.poll_with(questions, shards, serde_json::json!({"allow_vote_change": true})).await
    }

    /// The same, with these settings.
    pub(crate) async fn poll_with(&self, questions: usize, shards: u16, settings: serde_json::Value) -> Poll {
        let question = serde_json::json!({"text": "Which?", "choices": ["A", "B", "C"], "max_choices": 2});
        let questions = vec![question; questions];
        let draft = serde_json::json!({"title": "Poll", "questions": questions, "settings": settings});
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let mut connection = self.pool.get().await.unwrap();
        let secret = HashSecret::new("a secret of the tests");
        polls::create(&mut connection, draft, None, &secret, shards, Utc::now()).await.unwrap().poll
    }

    /// Accepts the cast, under an idempotency key, as the gateway does: a cold shard is made ready first, and
    /// PostgreSQL is asked for what Redis does not know.
    pub(crate) async fn accept(&self, poll: &Poll, cast: &Cast) -> Outcome {
        let mut redis = self.redis.clone();
        let mut known: Option<Vec<_>> = None;
        loop {
            let known_digests = known.as_deref();
            let attempt = Attempt {
                poll,
                cast,
                keyed: true,
                stream_max_len: STREAM_MAX_LEN,
                known: known_digests,
                trace: None,
            };
            match accept(&mut redis, attempt).await.unwrap() {
                Outcome::Cold => self.warm(poll, poll.shard_of(cast.voter)).await,
                Outcome::Unknown => {
                    let mut connection = self.pool.get().await.unwrap();
                    let answered = responses::answered_questions(&mut connection, poll, cast.voter).await;
                    known = Some(answered.unwrap());
                }
                outcome => return outcome,
            }
        }
    }

    /// Puts the cast on its stream past the acceptance: what a Redis that lost its memory would let in.
    pub(crate) async fn enqueue(&self, poll: &Poll, cast: &Cast) {
        self.enqueue_packed(poll, poll.shard_of(cast.voter), &entry::encode(cast)).await;
    }

    /// Puts these bytes on the stream of `shard` as an entry.
    pub(crate) async fn enqueue_packed(&self, poll: &Poll, shard: u16, packed: &[u8]) {
        self.warm(poll, shard).await;
        let mut add = redis::cmd("XADD");
        add.arg(keys::vote_stream(shard)).arg("*").arg(keys::ENTRY_FIELD).arg(packed);
        add.exec_async(&mut self.redis.clone()).await.unwrap();
    }

    async fn warm(&self, poll: &Poll, shard: u16) {
        let mut connection = self.pool.get().await.unwrap();
        let state = polls::state(&mut connection, poll.poll_id).await.unwrap();
        let progress = polls::shard_progress(&mut connection, shard).await.unwrap();
        let closed = state.unwrap().closed_at.is_some();
        prepare::ensure_mark(&mut self.redis.clone(), poll, closed, shard, progress).await.unwrap();
    }

    /// The reply of a Redis command given as its words.
    pub(crate) async fn redis(&self, words: &[&str]) -> Value {
        let mut command = redis::cmd(words[0]);
        words[1..].iter().for_each(|word| {
            command.arg(word);
        });
        command.query_async(&mut self.redis.clone()).await.unwrap()
    }

    /// What the streams of the first `shards` hold: entries, and pending ones among them.
    pub(crate) async fn backlog(&self, shards: u16) -> (u64, u64) {
        let shards: Vec<u16> = (0..shards).collect();
        let backlogs =
            pollster_shared::stream::group::backlog(&mut self.redis.clone(), Streams::Votes, &shards)
                .await
                .unwrap();
        let pending = backlogs.iter().map(|backlog| backlog.pending).sum();
        (backlogs.iter().map(|backlog| backlog.lag).sum::<u64>() + pending, pending)
    }

    /// The rows of a statement as text.
    pub(crate) async fn sql(&self, statement: &str) -> Vec<Vec<String>> {
        let messages = self.sql.simple_query(statement).await.unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        rows.map(|row| (0..row.len()).map(|n| row.get(n).unwrap_or_default().to_owned()).collect()).collect()
    }

    /// The counts that the tallies hold.
    pub(crate) async fn tallied(&self, poll: &Poll) -> Counts {
        let mut connection = self.pool.get().await.unwrap();
        tallies::read(&mut connection, &[poll.poll_id]).await.unwrap().remove(0)
    }

    /// The counts that the responses themselves give, counted one by one.
    pub(crate) async fn recounted(&self, poll: &Poll) -> BTreeMap<Counted, i64> {
        let rows = self
            .sql(&format!(
                "SELECT q.position, r.choices FROM responses r \
                 JOIN questions q ON q.id = r.question WHERE q.poll = {} AND r.choices <> 0",
                poll.id
            ))
            .await;
        let answer = |row: &Vec<String>| Answer {
            question: row[0].parse().unwrap(),
            choices: Choices(row[1].parse().unwrap()),
        };
        counts_of(poll, rows.iter().map(answer))
    }

    /// The counts in Redis.
    pub(crate) async fn projected(&self, poll: &Poll) -> Option<Counts> {
        projection::load(&mut self.redis.clone(), poll.poll_id).await.unwrap()
    }

    /// Fails unless responses, tallies and the counts in Redis all say that exactly these ballots count.
    pub(crate) async fn assert_counted<'a>(&self, poll: &Poll, ballots: impl IntoIterator<Item = &'a Cast>) {
        self.assert_answers(poll, ballots.into_iter().flat_map(|cast| cast.ballot.answers()).copied()).await;
    }

    /// The same, by the answers.
    pub(crate) async fn assert_answers(&self, poll: &Poll, answers: impl IntoIterator<Item = Answer>) {
        let expected = counts_of(poll, answers);
        assert_eq!(self.recounted(poll).await, expected, "responses");
        let tallied = self.tallied(poll).await;
        assert_eq!(tallied.results, expected, "tallies");
        let responses = expected.iter().filter(|(counted, _)| matches!(counted, Counted::Question(_)));
        assert_eq!(tallied.total_votes, responses.map(|(_, count)| count).sum::<i64>(), "total");
        assert_eq!(self.projected(poll).await.as_ref(), Some(&tallied), "counts in Redis");
        self.assert_timeline_adds_up(poll).await;
    }

    /// Fails unless each choice's votes over all minutes are its tally.
    pub(crate) async fn assert_timeline_adds_up(&self, poll: &Poll) {
        let differences = format!(
            "SELECT q.position, t.position, t.votes, coalesce(sum(l.votes), 0) \
             FROM questions q JOIN choice_tallies t ON t.question = q.id \
             LEFT JOIN poll_timeline l ON l.poll = q.poll AND l.question = t.question AND l.position = t.position \
             WHERE q.poll = {} GROUP BY 1, 2, 3 HAVING t.votes <> coalesce(sum(l.votes), 0)",
            poll.id
        );
        assert_eq!(self.sql(&differences).await, [[""; 0]; 0], "timeline against tallies");
    }
}

/// What these answers add up to, also for the choices that nobody chose.
pub(crate) fn counts_of(poll: &Poll, answers: impl IntoIterator<Item = Answer>) -> BTreeMap<Counted, i64> {
    let mut counts = BTreeMap::new();
    for question in &poll.questions {
        counts.insert(Counted::Question(question.question_id), 0);
        counts.extend(question.choices.iter().map(|choice| (Counted::Choice(choice.choice_id), 0)));
    }
    for answer in answers {
        let question = &poll.questions[usize::from(answer.question)];
        *counts.get_mut(&Counted::Question(question.question_id)).unwrap() += 1;
        for choice_id in question.choice_ids(answer.choices) {
            *counts.get_mut(&Counted::Choice(choice_id)).unwrap() += 1;
        }
    }
    counts
}

/// The voter of this number, the same in every test.
pub(crate) fn voter(number: u128) -> Voter {
    Voter::from_browser_token(&HashSecret::new("a secret of the tests"), Uuid::from_u128(number))
}

/// A ballot of a voter under an idempotency key: (question, choices as bits) each.
pub(crate) fn cast(poll: &Poll, voter_number: u128, key: &str, answers: &[(u8, u64)]) -> Cast {
    let answer = |&(question, choices): &(u8, u64)| Answer { question, choices: Choices(choices) };
    let ballot = Ballot::new(answers.iter().map(answer).collect()).unwrap();
    let digest = Digest::new(Some(key), &ballot);
    let voter = voter(voter_number);
    Cast { kind: Kind::Cast, poll_id: poll.poll_id, voter, address: None, digest, ballot }
}

/// A change, given like a cast.
pub(crate) fn change(poll: &Poll, voter_number: u128, key: &str, answers: &[(u8, u64)]) -> Cast {
    Cast { kind: Kind::Change, ..cast(poll, voter_number, key, answers) }
}

/// A revoke of a voter under an idempotency key, of all questions, as the gateway sends it.
pub(crate) fn revoke(poll: &Poll, voter_number: u128, key: &str) -> Cast {
    let ballot = Ballot::empty(poll.questions.len());
    let digest = Digest::new(Some(key), &ballot);
    let voter = voter(voter_number);
    Cast { kind: Kind::Revoke, poll_id: poll.poll_id, voter, address: None, digest, ballot }
}

/// `count` ballots of as many voters on the first question, of changing choices.
pub(crate) fn casts(poll: &Poll, count: u128) -> Vec<Cast> {
    (0..count).map(|n| cast(poll, n, "key", &[(0, 1 << (n % 3))])).collect()
}
