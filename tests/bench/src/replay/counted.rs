//! Waiting until what was accepted is counted.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::client::{Client, ResultsView};

/// How long the count may stand still before it is given up on.
const NO_MOVEMENT: Duration = Duration::from_secs(60);
/// How long a complete count must stand still: a vote counted twice would come after it.
const SETTLED: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(10);

/// Results that no longer change.
#[derive(Debug)]
pub struct Counted {
    /// The last ones read.
    pub results: ResultsView,
    /// When they were first read with this count.
    pub since: Instant,
}

/// Reads the results until they hold at least `voters` votes and stand still, or until they stand still for a
/// minute with fewer. `None` where they could not be read at all.
pub async fn wait_until_counted(
    client: &mut Client,
    poll: &str,
    voters: u64,
    progress: &ProgressBar,
) -> Option<Counted> {
    let start = Instant::now();
    let mut counted: Option<Counted> = None;
    loop {
        // A gateway that is away for the moment is like a count that stands still.
        if let Ok(results) = client.results(poll).await {
            progress.set_position(results.total_votes);
            let known = counted.take().filter(|known| known.results.total_votes == results.total_votes);
            let since = known.map_or_else(Instant::now, |known| known.since);
            counted = Some(Counted { results, since });
        }
        let votes = counted.as_ref().map_or(0, |counted| counted.results.total_votes);
        let still = counted.as_ref().map_or(start, |counted| counted.since).elapsed();
        if still > NO_MOVEMENT || (votes >= voters && still > SETTLED) {
            return counted;
        }
        tokio::time::sleep(STEP).await;
    }
}
