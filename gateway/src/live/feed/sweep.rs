//! Finds what was missed though no subscription was lost: a publish that failed, a publisher that died
//! between its commit and its publish.

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
        match newest_versions(app).await {
            Ok(newest) => {
                sleep(UNDER_WAY).await;
                let behind = behind(app, &newest);
                if !behind.is_empty() {
                    tracing::info!(polls = behind.len(), "viewers were behind");
                    refresh.ask(Reason::Behind, behind);
                }
            }
            Err(error) => tracing::warn!(%error, "versions of watched polls can't be read"),
        }
    }
}

async fn newest_versions(app: &App) -> Result<Vec<(Uuid, i64)>, DatabaseError> {
    let mut newest = Vec::new();
    for poll_ids in app.hub.watched().chunks(BATCH) {
        let mut connection = app.pool.get().await?;
        newest.extend(tallies::versions(&mut connection, poll_ids).await?);
    }
    Ok(newest)
}

fn behind(app: &App, newest: &[(Uuid, i64)]) -> Vec<Uuid> {
    let is_behind = |(poll_id, version): &&(Uuid, i64)| app.hub.version_of(*poll_id) < Some(*version);
    newest.iter().filter(is_behind).map(|(poll_id, _)| *poll_id).collect()
}
