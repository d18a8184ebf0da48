//! Waiting until what was accepted is counted.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::client::{Client, ResultsView};

/// How long the count may stand still before it is given up on.
const NO_MOVEMENT: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(10);

/// Reads the results until they hold at least `voters` votes, or stand still for a minute. The last results
/// read; `None` where there never were any.
pub async fn wait_until_counted(
    client: &mut Client,
    poll: &str,
    voters: u64,
    progress: &ProgressBar,
) -> Option<ResultsView> {
    let mut last: Option<ResultsView> = None;
    let mut moved = Instant::now();
    loop {
        // A gateway that is away for the moment is like a count that stands still.
        if let Ok(results) = client.results(poll).await {
            if last.as_ref().is_none_or(|last| last.total_votes != results.total_votes) {
                moved = Instant::now();
            }
            progress.set_position(results.total_votes);
            last = Some(results);
        }
        let counted = last.as_ref().is_some_and(|last| last.total_votes >= voters);
        if counted || moved.elapsed() > NO_MOVEMENT {
            return last;
        }
        tokio::time::sleep(STEP).await;
    }
}
