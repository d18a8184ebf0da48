//! Scaling out: equal backlogs of accepted votes, each drained by one, two or three aggregators, by turns, for the
//! machine is never twice the same. A drain has a Redis and a database of its own, so that none meets what an earlier
//! one left behind.

mod backlog;
mod counts;
mod drain;
mod error;
mod mark;
mod waits;

use super::report::{Drain, Scaling};
use super::run::Error;
use super::servers::Servers;
use super::site::Site;
use crate::client::Server;
use crate::replay::bar;

pub(super) use backlog::POLLS;
pub(super) use error::ScalingError;
pub(super) use mark::Cores;
pub(super) use waits::Waits;

use backlog::Backlog;

/// How many aggregators there are in a drain.
const AGGREGATORS: [usize; 3] = [1, 2, 3];
/// How often each of these is measured: once in each place of the order.
pub(super) const ROUNDS: usize = AGGREGATORS.len();

/// Measures backlogs of so many votes, cast over so many connections.
pub(super) async fn measure(votes: u32, connections: usize, servers: &Servers) -> Result<Scaling, Error> {
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let mut order = AGGREGATORS;
        order.rotate_left(round);
        let mut drains = Vec::new();
        for aggregators in order {
            let number = round * AGGREGATORS.len() + drains.len();
            eprintln!("Aggregators: {aggregators}, round {} of {ROUNDS} ...", round + 1);
            drains.push(measure_once(votes, connections, aggregators, number, servers).await?);
        }
        drains.sort_by_key(|drain| drain.aggregators);
        rounds.push(drains);
    }
    Ok(Scaling::of(votes, &rounds))
}

/// Fills a backlog and drains it; `number` tells its servers from those of others.
async fn measure_once(
    votes: u32,
    connections: usize,
    aggregators: usize,
    number: usize,
    servers: &Servers,
) -> Result<Drain, Error> {
    let site = Site::start(servers, format!("scaling_{number}"))?;
    let progress = bar("Voting", u64::from(votes));
    // The gateway ends once it is filled: nothing else is to run beside the aggregators.
    let gateway = site.start_gateway(&[])?;
    let backlog = Backlog::fill(&Server::from(gateway.address), votes, connections, &progress).await;
    progress.finish_and_clear();
    let backlog = backlog?;
    drop(gateway);
    counts::check_waiting(&site, votes).await?;

    let progress = bar("Draining", u64::from(votes));
    let drained = drain::drain(&site, aggregators, votes, &progress).await;
    progress.finish_and_clear();
    let (drain, running) = drained?;
    counts::check_counted(&site, &backlog).await?;
    // Only now, for what was published is compared as well.
    drop(running);
    site.end()?;
    Ok(drain)
}
