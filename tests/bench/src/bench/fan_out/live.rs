//! From sending a vote until every viewer sees it counted, while many votes arrive.

use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::error::FanOutError;
use super::marks;
use super::stage::Stage;
use super::voters::Voters;
use crate::bench::cpu;
use crate::bench::report::{FanOutCpu, Latency, LiveVotes};
use crate::bench::servers::Servers;
use crate::bench::wait::sleep;

const VIEWERS: usize = 1000;
const VOTES_PER_SECOND: u32 = 1000;
const VOTING: Duration = Duration::from_secs(10);

/// Measures the lag at every viewer, and how many frames each gets.
pub(super) async fn measure(servers: &Servers) -> Result<LiveVotes, FanOutError> {
    eprintln!("Fan-out: {VIEWERS} viewers, {VOTES_PER_SECOND} votes a second ...");
    let mut stage = Stage::marked(servers).await?;
    let gateway = stage.gateway.program.pid();
    let mut crowd = Crowd::start(stage.audience(VIEWERS, marks::choices(&stage.poll)))?;
    crowd.until_served().await?;

    let (start, cpu_before) = (Instant::now(), cpu::of_tree(gateway)?);
    let voters = Voters::start(stage.gateway.address, &stage.poll, VOTES_PER_SECOND, marks::choice_of)?;
    sleep(VOTING).await?;
    let cast = voters.finish().await?;
    crowd.until(cast.count()).await?;
    let (time, cpu) = (start.elapsed(), cpu::of_tree(gateway)?.saturating_sub(cpu_before));

    let newest = stage.newest(cast.count()).await?;
    let seen = crowd.finish().await?;
    seen.check(cast.count(), newest, 1)?;
    let frames = seen.frames() - VIEWERS;
    Ok(LiveVotes {
        viewers: VIEWERS,
        votes: cast.count(),
        seconds: time.as_secs_f64(),
        seen_after: Latency::of(seen.lags(&cast, &(start..Instant::now()))?),
        requests: Latency::of(cast.requests()),
        frames_a_second: frames as f64 / VIEWERS as f64 / time.as_secs_f64(),
        most_in_a_second: seen.most_in_a_second(),
        gateway: FanOutCpu::of(cpu, time, frames),
    })
}
