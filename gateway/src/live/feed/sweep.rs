//! Finds what was missed though no subscription was lost: a publish that failed, a publisher that died
//! between its commit and its publish.

use std::collections::HashMap;
use std::time::Duration;

use pollster_shared::database::DatabaseError;
use pollster_shared::tallies;
use tokio::time::sleep;
use uuid::Uuid;

use super::refresh::{Reason, Refresh};
use crate::app::App;

const PERIOD: Duration = Duration::from_secs(5);
/// How long what was committed may be on its way.
const UNDER_WAY: Duration = Duration::from_millis(500);
/// Versions read by one statement.
const BATCH: usize = 5000;

/// Compares the versions that viewers have been told with PostgreSQL's, every few seconds, and has the polls
/// read that are behind.
pub(super) async fn run(app: &App, refresh: &Refresh) {
    loop {
        sleep(PERIOD - UNDER_WAY).await;
        let watched = app.hub.watched();
        match newest_versions(app, &watched).await {
            Ok(newest) => {
                sleep(UNDER_WAY).await;
                let behind = behind(app, &watched, &newest);
                if !behind.is_empty() {
                    tracing::info!(polls = behind.len(), "viewers were behind");
                    refresh.ask(Reason::Behind, behind);
                }
            }
            Err(error) => tracing::warn!(%error, "versions of watched polls can't be read"),
        }
    }
}

async fn newest_versions(app: &App, watched: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
    let mut newest = HashMap::with_capacity(watched.len());
    for poll_ids in watched.chunks(BATCH) {
        let mut connection = app.pool.get().await?;
        newest.extend(tallies::versions(&mut connection, poll_ids).await?);
    }
    Ok(newest)
}

/// The polls of which something newer is known, or that are gone, which reading them will tell.
fn behind(app: &App, watched: &[Uuid], newest: &HashMap<Uuid, i64>) -> Vec<Uuid> {
    let is_behind =
        |poll_id: &Uuid| newest.get(poll_id).is_none_or(|&it| app.hub.version_of(*poll_id) < Some(it));
    watched.iter().copied().filter(is_behind).collect()
}
