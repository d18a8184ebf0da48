//! What the aggregators' sessions in PostgreSQL do or wait for, asked again and again.

use serde::Serialize;
use tokio_postgres::{Client as Database, Error};

/// Sessions on average. An aggregator commits one batch at a time.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Waits {
    /// That run.
    pub running: f64,
    /// That wait for a lock, be it of a row or of a structure in memory.
    pub locks: f64,
    /// That wait for a disk, or for another session that writes the log.
    pub disk: f64,
    /// That wait for anything else.
    pub other: f64,
}

/// Samples so far.
#[derive(Debug, Default)]
pub(super) struct Samples {
    number: u32,
    sums: [i64; 4],
}

const ACTIVE: &str = "\
    WITH active AS ( \
        SELECT wait_event_type AS kind, wait_event = 'WALWrite' OR wait_event_type = 'IO' AS is_disk \
        FROM pg_stat_activity \
        WHERE datname = current_database() AND backend_type = 'client backend' AND state = 'active' \
            AND pid <> pg_backend_pid() \
    ) SELECT count(*) FILTER (WHERE kind IS NULL), \
             count(*) FILTER (WHERE kind IN ('Lock', 'LWLock', 'BufferPin') AND NOT is_disk), \
             count(*) FILTER (WHERE is_disk), \
             count(*) \
    FROM active";

impl Samples {
    /// Takes another one, in the database of `database`.
    pub(super) async fn take(&mut self, database: &Database) -> Result<(), Error> {
        let row = database.query_one(ACTIVE, &[]).await?;
        let [running, locks, disk, all] = [0, 1, 2, 3].map(|column| row.get::<_, i64>(column));
        let sample = [running, locks, disk, all - running - locks - disk];
        self.sums.iter_mut().zip(sample).for_each(|(sum, sessions)| *sum += sessions);
        self.number += 1;
        Ok(())
    }

    pub(super) fn averages(&self) -> Waits {
        let number = f64::from(self.number.max(1));
        let [running, locks, disk, other] = self.sums.map(|sum| sum as f64 / number);
        Waits { running, locks, disk, other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_averaged_over_all_samples() {
        let samples = Samples { number: 4, sums: [2, 4, 6, 0] };
        let Waits { running, locks, disk, other } = samples.averages();
        assert_eq!([running, locks, disk, other], [0.5, 1.0, 1.5, 0.0]);
        assert_eq!(Samples::default().averages().running, 0.0);
    }
}
