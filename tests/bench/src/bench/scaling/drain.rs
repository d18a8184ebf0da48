//! One drain: aggregators are started on a backlog and watched until it is counted.
//!
//! Measured is the time in which all of them work: from when each has counted votes until nine tenths are counted.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use indicatif::ProgressBar;
use tokio_postgres::NoTls;

use super::ScalingError;
use super::mark::Mark;
use super::waits::Samples;
use crate::bench::report::Drain;
use crate::bench::run::Error;
use crate::bench::servers::Aggregator;
use crate::bench::site::Site;
use crate::bench::wait::sleep;
use crate::client::{Client, ClientError, metric};

/// How often it is looked; often enough for a rate, and seldom enough to cost nothing.
const STEP: Duration = Duration::from_millis(50);
/// How long nothing may be counted.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of an aggregator.
const COUNTED: &str = "pollster_responses_inserted_total";

/// Aggregators that are watched.
pub(super) struct Running {
    aggregators: Vec<Aggregator>,
    clients: Vec<Client>,
    /// What each has counted so far.
    counted: Vec<u64>,
}

/// Drains a backlog of so many votes; the aggregators go on until they are dropped.
pub(super) async fn drain(
    site: &Site<'_>,
    aggregators: usize,
    votes: u32,
    progress: &ProgressBar,
) -> Result<(Drain, Running), Error> {
    let (database, connection) = tokio_postgres::connect(&site.database_url(), NoTls).await?;
    // What ends it is seen by the statement that it carries.
    tokio::spawn(connection);
    site.settle().await?;
    let started = Instant::now();
    let mut running = Running::start(site, aggregators)?;
    let (mut from, mut to, mut samples) = (None, None, Samples::default());
    let mut moved = (0, started);
    while moved.0 < u64::from(votes) {
        sleep(STEP).await?;
        let counted = running.look().await?;
        progress.set_position(counted);
        if from.is_none() && running.all_have_begun() {
            from = Some(running.mark(site)?);
        }
        if from.is_some() && to.is_none() {
            samples.take(&database).await?;
            if counted >= u64::from(votes) * 9 / 10 {
                to = Some(running.mark(site)?);
            }
        }
        if counted > moved.0 {
            moved = (counted, Instant::now());
        } else if moved.1.elapsed() > PATIENCE {
            return Err(ScalingError::Stuck { counted, votes, seconds: PATIENCE.as_secs() }.into());
        }
    }
    let ends = from.zip(to).filter(|(from, to)| from.counted < to.counted);
    let Some((from, to)) = ends else { return Err(ScalingError::TooFew { votes, aggregators }.into()) };
    let drain = Drain {
        aggregators,
        votes_per_second: (to.counted - from.counted) as f64 / from.seconds_to(&to),
        seconds: started.elapsed().as_secs_f64(),
        counted: running.counted.clone(),
        cores: from.cores_to(&to),
        sessions: samples.averages(),
    };
    Ok((drain, running))
}

impl Running {
    fn start(site: &Site<'_>, number: usize) -> Result<Self, Error> {
        let started = std::iter::repeat_with(|| site.start_aggregator(&[])).take(number);
        let aggregators = started.collect::<Result<Vec<_>, _>>()?;
        let clients = aggregators.iter().map(|aggregator| Client::new(aggregator.admin)).collect();
        Ok(Self { aggregators, clients, counted: vec![0; number] })
    }

    /// Asks each what it has counted so far; the sum.
    async fn look(&mut self) -> Result<u64, Error> {
        let both = self.aggregators.iter_mut().zip(&mut self.clients);
        for ((aggregator, client), counted) in both.zip(&mut self.counted) {
            match client.get("/metrics").await {
                Ok(reply) => *counted = metric(&reply.expect(StatusCode::OK)?.text(), COUNTED) as u64,
                // It is not that far yet, unless it has ended.
                Err(ClientError::Connect { .. }) => match aggregator.program.process().unexpected_end()? {
                    Some(error) => return Err(error.into()),
                    None => *counted = 0,
                },
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.counted.iter().sum())
    }

    fn all_have_begun(&self) -> bool {
        self.counted.iter().all(|&counted| counted > 0)
    }

    fn mark(&self, site: &Site<'_>) -> Result<Mark, Error> {
        let pids: Vec<u32> = self.aggregators.iter().map(|aggregator| aggregator.program.pid()).collect();
        Ok(Mark::now(site, &pids, self.counted.iter().sum())?)
    }
}
