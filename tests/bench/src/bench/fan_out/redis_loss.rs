//! Redis is killed and comes back while votes go on: when all viewers have the right counts again.

use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::error::FanOutError;
use super::stage::{Stage, any_choice};
use super::voters::Voters;
use crate::bench::report::{Latency, Recovery};
use crate::bench::servers::Servers;
use crate::bench::wait::sleep;

const VIEWERS: usize = 1000;
const VOTES_PER_SECOND: u32 = 100;
/// Votes before.
const WELL: Duration = Duration::from_secs(2);
/// How long Redis is away, beside the time that it takes to start.
const AWAY: Duration = Duration::from_secs(1);

/// Measures from the first PING that is answered. From then on no vote becomes due, but those that were not
/// accepted meanwhile are sent. No viewer may have had to connect again.
pub(super) async fn measure(servers: &mut Servers) -> Result<Recovery, FanOutError> {
    eprintln!("Fan-out: {VIEWERS} viewers while Redis is killed and started again ...");
    let mut stage = Stage::plain(servers).await?;
    let mut crowd = Crowd::start(stage.audience(VIEWERS, Vec::new()))?;
    crowd.until_served().await?;
    let voters = Voters::start(stage.gateway.address, &stage.poll, VOTES_PER_SECOND, any_choice)?;
    sleep(WELL).await?;

    // These calls block this thread, which has nothing else to do.
    servers.redis.kill()?;
    sleep(AWAY).await?;
    servers.redis.restart()?;
    let back = Instant::now();
    let cast = voters.finish().await?;
    crowd.until(cast.count()).await?;

    let newest = stage.newest(cast.count()).await?;
    let seen = crowd.finish().await?;
    seen.check(cast.count(), newest, 1)?;
    let converged_after = Latency::of(seen.until_votes(back, cast.count()));
    Ok(Recovery { viewers: VIEWERS, votes: cast.count(), sent_again: cast.sent_again, converged_after })
}
