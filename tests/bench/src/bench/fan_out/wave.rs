//! Clients that all connect in the same moment, as after the loss of a gateway without jitter.

use super::crowd::{Audience, Crowd};
use super::error::FanOutError;
use super::stage::Stage;
use crate::bench::report::{Latency, Wave};
use crate::bench::servers::Servers;

/// From each of two threads.
const HALF: usize = 1000;

/// Measures until each has its first results. That one fails is an error.
pub(super) async fn measure(servers: &Servers) -> Result<Wave, FanOutError> {
    eprintln!("Fan-out: {} clients connect at once ...", 2 * HALF);
    let mut stage = Stage::plain(servers).await?;
    let half = Audience { at_once: HALF, ..stage.audience(HALF, Vec::new()) };
    let mut halves = [Crowd::start(half.clone())?, Crowd::start(half)?];
    let started = halves[0].started;
    for crowd in &mut halves {
        crowd.until_served().await?;
    }
    let newest = stage.newest(0).await?;
    let mut served_after = Vec::new();
    for crowd in halves {
        let seen = crowd.finish().await?;
        seen.check(0, newest, 1)?;
        served_after.extend(seen.until_votes(started, 0));
    }
    Ok(Wave { clients: served_after.len(), served_after: Latency::of(served_after) })
}
