//! Recovery: how long the counts that a viewer sees stand still when a part of the system dies, while votes arrive
//! at an even pace. That a figure misses its mark is no error; wrong counts are.
//!
//! Each repetition has a gateway and a poll of its own. A vote's choice is the phase in which it was sent (before the
//! fault, while what died is away, after its return), so that every frame tells of which phases it holds votes.

mod error;
mod fault;
mod phase;
mod timeline;
mod watcher;

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use pollster_stack::Program;

pub(super) use error::RecoveryError;
pub(super) use fault::Fault;

use fault::Mended;
use phase::{AFTER, BEFORE, PhaseSwitch};
use watcher::Watcher;

use super::fan_out::{Stage, Voters};
use super::report::{FaultRecovery, Repetition};
use super::servers::Servers;
use super::wait::sleep;

/// How often each fault is measured.
const REPETITIONS: usize = 5;
/// The steady load.
pub(super) const VOTES_PER_SECOND: u32 = 300;
/// Votes before the fault.
const WELL: Duration = Duration::from_secs(2);
/// Votes go on for so long after the return: longer than the recovery should take.
const AFTERWARDS: Duration = Duration::from_secs(6);

/// Measures each fault in turn. Two aggregators run: that of `servers` and another one.
pub(super) async fn measure(servers: &mut Servers) -> Result<Vec<FaultRecovery>, RecoveryError> {
    let faults = [Fault::Aggregator, Fault::Redis, Fault::Postgres];
    let progress = ProgressBar::new((faults.len() * REPETITIONS) as u64);
    progress.set_style(ProgressStyle::with_template("{bar:40} {pos} of {len}").expect("a valid template"));
    let mut second = servers.start_aggregator()?;
    let mut recoveries = Vec::new();
    for fault in faults {
        progress.suspend(|| eprintln!("Recovery: {fault}, {REPETITIONS} times ..."));
        let mut repetitions = Vec::new();
        for _ in 0..REPETITIONS {
            repetitions.push(measure_once(fault, servers, &mut second).await?);
            if fault == Fault::Aggregator {
                second = servers.start_aggregator()?;
            }
            progress.inc(1);
        }
        recoveries.push(FaultRecovery::of(fault, &repetitions));
    }
    progress.finish_and_clear();
    Ok(recoveries)
}

async fn measure_once(
    fault: Fault,
    servers: &mut Servers,
    aggregator: &mut Program,
) -> Result<Repetition, RecoveryError> {
    let mut stage = Stage::plain(servers).await?;
    let mut watcher = Watcher::start(stage.gateway.address, &stage.poll)?;
    watcher.until(0).await?;
    let phase = PhaseSwitch::default();
    let choice_of = phase.clone();
    let mut voters =
        Voters::start(stage.gateway.address, &stage.poll, VOTES_PER_SECOND, move |_| choice_of.now())?;
    sleep(WELL).await?;

    let struck = Instant::now();
    let Mended { at, queued_after } = fault.strike(servers, aggregator, &phase, &mut voters).await?;
    sleep(AFTERWARDS).await?;
    let cast = voters.finish().await?;
    watcher.until(cast.count()).await?;
    stage.newest(cast.count()).await?;

    let timeline = watcher.finish().await?;
    Ok(Repetition {
        votes: cast.count(),
        sent_again: cast.sent_again,
        moved_after: fault.moved_after(at, &timeline)?,
        queued_after,
        caught_up_after: timeline.holds_after(at, BEFORE..AFTER, cast.count_of(BEFORE..AFTER))?,
        still: timeline.longest_still(struck),
    })
}
