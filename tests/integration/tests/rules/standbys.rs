//! PostgreSQL in several copies: which server programs use, and what becomes of votes and reads when that changes.

mod hosts;
mod promotion;
mod replica;

use std::path::Path;

use pollster_integration::{Database, Standby};

/// A database whose commits wait for a standby.
async fn with_synchronous_standby(folder: &Path) -> (Database, Standby) {
    let database = Database::on_own_server(folder).await;
    let standby = database.start_standby(folder, "standby").await;
    database.wait_for_standbys(&["standby"]).await;
    (database, standby)
}
