//! The shards that an aggregator serves. They become more while it runs: gateways that were started since may spread new
//! polls over more of them.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::polls::Sharding;
use pollster_shared::shutdown::Shutdown;
use tokio::sync::watch;

use crate::config::{Config, Shards};
use crate::pause;

/// How long the votes of the first poll that is spread over more shards wait at most, about.
const PERIOD: Duration = Duration::from_secs(2);
/// Between two attempts to reach PostgreSQL at the start.
const RETRY: Duration = Duration::from_secs(1);

/// The shards there are, and which of them are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Serving {
    /// Those that are served.
    pub(crate) served: Arc<[u16]>,
    /// Those that others must serve.
    pub(crate) others: Arc<[u16]>,
}

impl Serving {
    /// Those `given`, else all that there are.
    fn new(given: Option<&Shards>, number: u16) -> Self {
        let is_served = |shard: &u16| given.is_none_or(|given| given.0.contains(shard));
        let last = given.map_or(0, |given| given.0.end().saturating_add(1));
        let (served, others): (Vec<u16>, Vec<u16>) = (0..number.max(last)).partition(is_served);
        Self { served: served.into(), others: others.into() }
    }
}

/// Finds the shards.
#[derive(Debug)]
pub(crate) struct Finder {
    pool: Pool,
    given: Option<Shards>,
    /// Of new polls.
    configured: u16,
    found: Sharding,
}

impl Finder {
    pub(crate) fn new(config: &Config, pool: Pool) -> Self {
        let found = Sharding::default();
        Self { pool, given: config.shards.clone(), configured: config.vote_shards, found }
    }

    /// Finds them for the first time. Waits for PostgreSQL to tell; `None` if the shutdown comes first.
    pub(crate) async fn first(&mut self, shutdown: &Shutdown) -> Option<watch::Sender<Serving>> {
        loop {
            match self.look().await {
                Ok(serving) => return Some(watch::Sender::new(serving)),
                Err(error) => tracing::warn!(%error, "waiting for PostgreSQL"),
            }
            if !pause(RETRY, shutdown).await {
                return None;
            }
        }
    }

    /// Tells of more of them, until the shutdown.
    pub(crate) async fn run(mut self, serving: watch::Sender<Serving>, shutdown: Shutdown) {
        while pause(PERIOD, &shutdown).await {
            match self.look().await {
                Ok(found) => {
                    serving.send_if_modified(|serving| {
                        let are_more = *serving != found;
                        if are_more {
                            let (shards, others) = (found.served.len(), found.others.len());
                            tracing::info!(shards, others, "there are more shards");
                            *serving = found;
                        }
                        are_more
                    });
                }
                Err(error) => tracing::debug!(%error, "looking for more shards failed"),
            }
        }
    }

    async fn look(&mut self) -> Result<Serving, DatabaseError> {
        let mut connection = self.pool.get().await?;
        self.found.look(&mut connection).await?;
        Ok(Serving::new(self.given.as_ref(), self.configured.max(self.found.widest())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serving(given: Option<&str>, number: u16) -> (Vec<u16>, Vec<u16>) {
        let given = given.map(|given| given.parse().unwrap());
        let Serving { served, others } = Serving::new(given.as_ref(), number);
        (served.to_vec(), others.to_vec())
    }

    #[test]
    fn all_shards_are_served_unless_some_are_given() {
        assert_eq!(serving(None, 4), (vec![0, 1, 2, 3], vec![]));
        assert_eq!(serving(Some("1-2"), 4), (vec![1, 2], vec![0, 3]));
        assert_eq!(
            serving(Some("3"), 2),
            (vec![3], vec![0, 1, 2]),
            "given before there is a poll that has it"
        );
        assert_eq!(serving(Some("0-9"), 4), ((0..=9).collect(), vec![]));
    }
}
