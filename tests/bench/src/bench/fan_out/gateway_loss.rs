//! One of two gateways is killed: when its viewers, at the other one, have the newest version.

use std::time::{Duration, Instant};

use super::crowd::{Audience, Crowd};
use super::error::FanOutError;
use super::stage::{Stage, any_choice, start_gateway};
use super::voters::Voters;
use crate::bench::report::{Latency, Recovery};
use crate::bench::servers::Servers;
use crate::bench::wait::sleep;

/// At each gateway.
const VIEWERS: usize = 1000;
const VOTES_PER_SECOND: u32 = 100;
/// Votes before.
const WELL: Duration = Duration::from_secs(2);
/// Votes go on for so long afterwards, and not longer: else there would be no newest version to get to.
const VOTES_AFTERWARDS: Duration = Duration::from_millis(500);

/// Measures from the kill. The votes go to the other gateway, whose own viewers must not notice.
pub(super) async fn measure(servers: &Servers) -> Result<Recovery, FanOutError> {
    eprintln!("Fan-out: {VIEWERS} viewers at each of two gateways, one of which is killed ...");
    let mut stage = Stage::plain(servers).await?;
    let mut doomed = start_gateway(servers)?;
    let stayers = stage.audience(VIEWERS, Vec::new());
    let movers = Audience { gateway: doomed.address, refuge: Some(stage.gateway.address), ..stayers.clone() };
    let (mut stayers, mut movers) = (Crowd::start(stayers)?, Crowd::start(movers)?);
    stayers.until_served().await?;
    movers.until_served().await?;
    let voters = Voters::start(stage.gateway.address, &stage.poll, VOTES_PER_SECOND, any_choice)?;
    sleep(WELL).await?;

    let killed = Instant::now();
    doomed.program.process().kill()?;
    sleep(VOTES_AFTERWARDS).await?;
    let cast = voters.finish().await?;
    stayers.until(cast.count()).await?;
    movers.until(cast.count()).await?;

    let newest = stage.newest(cast.count()).await?;
    stayers.finish().await?.check(cast.count(), newest, 1)?;
    let seen = movers.finish().await?;
    seen.check(cast.count(), newest, 2)?;
    let converged_after = Latency::of(seen.until_votes(killed, cast.count()));
    Ok(Recovery { viewers: VIEWERS, votes: cast.count(), sent_again: cast.sent_again, converged_after })
}
