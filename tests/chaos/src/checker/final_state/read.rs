//! Reads what counts votes, until it agrees or should have.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use pollster_integration::{Client, Counts, PollView, ResultsView};
use pollster_shared::vote::{Choices, HashSecret};
use redis::aio::MultiplexedConnection;
use uuid::Uuid;

use super::{FinalState, PollState, Row, Source};
use crate::history::{ChaosPoll, Role};
use crate::world::World;

/// Within this time after the queues are empty everything agrees.
const AGREEMENT: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(200);

const ROWS: &str = "SELECT q.position, r.voter, r.choices FROM polls p JOIN questions q ON q.poll = p.id \
    JOIN responses r ON r.question = q.id WHERE p.poll_id = $1";
/// The last event of each voter and question.
const AUDITED: &str = "SELECT DISTINCT ON (l.question, l.voter) q.position, l.voter, coalesce(l.new_choices, 0) \
    FROM polls p JOIN questions q ON q.poll = p.id JOIN vote_audit_log l ON l.question = q.id \
    WHERE p.poll_id = $1 ORDER BY l.question, l.voter, l.event_order DESC";

/// Where all of it is.
struct Places {
    database: tokio_postgres::Client,
    /// All that hold counts: each poll's are on one of them.
    redis: Vec<MultiplexedConnection>,
    gateways: [Client; 2],
}

impl FinalState {
    /// Reads everything but what became of single votes. Where there is no agreement in time, as it is then.
    ///
    /// # Panics
    /// When something can't be read.
    pub async fn read(world: &World, polls: &[ChaosPoll], unsettled: Option<String>) -> Self {
        let mut places = Places::of(world).await;
        let deadline = Instant::now() + AGREEMENT;
        let states = loop {
            let mut states = Vec::new();
            for poll in polls {
                states.push(places.read(poll).await);
            }
            let is_done = |(poll, state): (&ChaosPoll, &PollState)| {
                state.agrees() && (poll.role != Role::Closing || state.is_final)
            };
            if polls.iter().zip(&states).all(is_done) || Instant::now() > deadline {
                break states;
            }
            tokio::time::sleep(STEP).await;
        };
        Self {
            polls: states,
            statuses: HashMap::new(),
            unsettled,
            dead_letters: world.dead_letters().await,
            secret: HashSecret::new(world.hash_secret()),
        }
    }
}

impl Places {
    async fn of(world: &World) -> Self {
        Self {
            database: world.database().await,
            redis: world.aggregates().await,
            gateways: [0, 1].map(|gateway| Client::new(world.direct_gateway(gateway))),
        }
    }

    async fn read(&mut self, poll: &ChaosPoll) -> PollState {
        let view = &poll.view;
        let mut sources = vec![Source {
            name: "responses".to_owned(),
            version: None,
            counts: Counts::recounted(&self.database, view).await.expect("responses"),
        }];
        let audited = self.rows(AUDITED, view.poll_id).await;
        sources.push(Source {
            name: "audit view".to_owned(),
            version: None,
            counts: counted(poll, &audited),
        });
        let (version, counts) = Counts::tallied(&self.database, view).await.expect("tallies");
        sources.push(Source { name: "tallies".to_owned(), version: Some(version), counts });
        let mut is_final = true;
        for (gateway, client) in self.gateways.iter_mut().enumerate() {
            let results: ResultsView = client.results(&view.slug).await.expect("results");
            is_final &= results.is_final;
            let (version, counts) = (Some(results.version as i64), Counts::from(&results));
            sources.push(Source { name: format!("gateway {gateway}"), version, counts });
        }
        // After the gateways, which leave there what is missing.
        let (version, counts) =
            self.hash(view).await.unwrap_or((-1, Counts { total: 0, results: BTreeMap::new() }));
        sources.push(Source { name: "Redis".to_owned(), version: Some(version), counts });
        PollState { sources, rows: self.rows(ROWS, view.poll_id).await, is_final }
    }

    /// The counts in Redis, if they are there.
    async fn hash(&mut self, view: &PollView) -> Option<(i64, Counts)> {
        for redis in &mut self.redis {
            match Counts::in_redis(redis, view).await {
                Err(error) if error.code() == Some("MOVED") => {}
                hash => return hash.expect("a hash"),
            }
        }
        None
    }

    async fn rows(&self, statement: &str, poll_id: Uuid) -> Vec<Row> {
        let rows = self.database.query(statement, &[&poll_id]).await.expect("rows");
        let row = |row: &tokio_postgres::Row| Row {
            question: row.get::<_, i16>(0) as u8,
            voter: row.get(1),
            choices: Choices(row.get::<_, i64>(2) as u64),
        };
        rows.iter().map(row).collect()
    }
}

/// The counts that these responses come to.
fn counted(poll: &ChaosPoll, rows: &[Row]) -> Counts {
    let mut counts = Counts { total: 0, results: BTreeMap::new() };
    for (position, question) in poll.view.questions.iter().enumerate() {
        let of_question = rows.iter().filter(|row| usize::from(row.question) == position);
        let chosen: Vec<Choices> =
            of_question.map(|row| row.choices).filter(|choices| !choices.is_empty()).collect();
        counts.total += chosen.len() as i64;
        counts.results.insert(format!("question:{}", question.question_id), chosen.len() as i64);
        for (position, choice) in question.choices.iter().enumerate() {
            let votes = chosen.iter().filter(|choices| choices.contains(position)).count();
            counts.results.insert(format!("choice:{}", choice.choice_id), votes as i64);
        }
    }
    counts
}
