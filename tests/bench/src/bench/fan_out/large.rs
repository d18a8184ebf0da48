//! As many viewers as one process has descriptors for, all of one poll at one gateway.

use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::error::FanOutError;
use super::stage::{Stage, any_choice};
use super::voters::Voters;
use crate::bench::cpu;
use crate::bench::report::{FanOutCpu, LargeAudience, Latency};
use crate::bench::servers::Servers;
use crate::bench::wait::sleep;

const VIEWERS: usize = 15_000;
const VOTES_PER_SECOND: u32 = 10;
const VOTING: Duration = Duration::from_secs(10);

/// Measures memory, and how a vote reaches everybody.
pub(super) async fn measure(servers: &Servers) -> Result<LargeAudience, FanOutError> {
    eprintln!("Fan-out: {VIEWERS} viewers of one poll connect, then 10 votes a second ...");
    let mut stage = Stage::plain(servers).await?;
    let gateway = stage.gateway.program.pid();
    let idle_kb = stage.memory_kb()?;
    let mut crowd = Crowd::start(stage.audience(VIEWERS, Vec::new()))?;
    crowd.until_served().await?;
    let served_after = crowd.started.elapsed();
    let connected_kb = stage.memory_kb()?;

    let (start, cpu_before) = (Instant::now(), cpu::of_tree(gateway)?);
    let voters = Voters::start(stage.gateway.address, &stage.poll, VOTES_PER_SECOND, any_choice)?;
    sleep(VOTING).await?;
    let cast = voters.finish().await?;
    crowd.until(cast.count()).await?;
    let (time, cpu) = (start.elapsed(), cpu::of_tree(gateway)?.saturating_sub(cpu_before));
    let after_kb = stage.memory_kb()?;

    let newest = stage.newest(cast.count()).await?;
    let seen = crowd.finish().await?;
    seen.check(cast.count(), newest, 1)?;
    let last_due = cast.votes.last().map_or(start, |vote| vote.due);
    // The first ones were sent before the votes.
    let frames = seen.frames() - VIEWERS;
    Ok(LargeAudience {
        viewers: VIEWERS,
        served_after_s: served_after.as_secs_f64(),
        idle_kb,
        connected_kb,
        after_kb,
        kb_a_viewer: connected_kb.saturating_sub(idle_kb) as f64 / VIEWERS as f64,
        votes: cast.count(),
        frames,
        newest_after: Latency::of(seen.until_votes(last_due, cast.count())),
        requests: Latency::of(cast.requests()),
        gateway: FanOutCpu::of(cpu, time, frames),
    })
}
