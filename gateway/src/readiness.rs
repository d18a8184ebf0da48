//! Whether the gateway can do the work of its roles.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use pollster_shared::admin::{CheckReadiness, Readiness};
use pollster_shared::redis::{self, RedisResult};
use tokio::time::timeout;

use crate::app::App;
use crate::roles::Role;

/// What takes longer to answer is not there; less than the whole check may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Which of the gateway's servers answer.
#[derive(Debug, Clone, Copy)]
struct Answering {
    streams: bool,
    aggregates: bool,
    pubsub: bool,
    database: bool,
}

impl CheckReadiness for App {
    fn check(&self) -> BoxFuture<'_, Readiness> {
        async { answering(self).await.readiness(self.config.serves(Role::Ws)) }.boxed()
    }
}

async fn answering(app: &App) -> Answering {
    let database = async { matches!(timeout(ANSWER_WITHIN, app.pool.get()).await, Ok(Ok(_))) };
    let (mut streams, mut aggregates) = (app.streams.clone(), app.aggregates.clone());
    let (streams, aggregates, pubsub, database) = tokio::join!(
        answers(redis::ping(&mut streams)),
        answers(redis::ping(&mut aggregates)),
        answers(app.channels.ping()),
        database
    );
    Answering { streams, aggregates, pubsub, database }
}

async fn answers(ping: impl Future<Output = RedisResult<()>>) -> bool {
    matches!(timeout(ANSWER_WITHIN, ping).await, Ok(Ok(())))
}

impl Answering {
    /// Votes are taken by either role, over REST or the socket; viewers also need results to begin with.
    fn readiness(self, is_live: bool) -> Readiness {
        let has_results = self.aggregates || self.database;
        let mut reasons = Vec::new();
        match (self.streams, self.database) {
            (true, true) => {}
            (true, false) => reasons.push("no connection to PostgreSQL: accepted votes wait in Redis"),
            (false, true) => reasons.push(
                "no connection to Redis: votes are written to PostgreSQL directly, changes and revokes wait",
            ),
            (false, false) => {
                reasons.push("no connection to Redis or PostgreSQL: votes can't be taken");
            }
        }
        if is_live && !has_results {
            reasons.push("no connection to Redis or PostgreSQL: results can't be shown");
        }
        if is_live && !self.pubsub {
            reasons.push("no connection to Redis's channels: live results pause");
        }
        let ready = (self.streams || self.database) && (has_results || !is_live);
        Readiness { ready, reasons: reasons.into_iter().map(str::to_owned).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Answering = Answering { streams: true, aggregates: true, pubsub: true, database: true };

    fn check(answering: Answering, is_live: bool) -> (bool, usize) {
        let readiness = answering.readiness(is_live);
        (readiness.ready, readiness.reasons.len())
    }

    #[test]
    fn either_role_takes_votes_through_either_server() {
        for is_live in [false, true] {
            assert_eq!(check(ALL, is_live), (true, 0));
            assert_eq!(check(Answering { streams: false, ..ALL }, is_live), (true, 1));
            assert_eq!(check(Answering { database: false, ..ALL }, is_live), (true, 1));
            let neither = Answering { streams: false, database: false, ..ALL };
            assert_eq!(check(neither, is_live), (false, 1));
        }
    }

    #[test]
    fn results_come_from_either_server() {
        assert_eq!(check(Answering { aggregates: false, ..ALL }, true), (true, 0));
        let neither = Answering { aggregates: false, database: false, ..ALL };
        assert_eq!(check(neither, true), (false, 2));
        assert_eq!(check(neither, false), (true, 1), "votes are taken");
    }

    #[test]
    fn the_reason_says_what_becomes_of_votes() {
        let reason = |answering: Answering| answering.readiness(false).reasons.concat();
        assert!(reason(Answering { streams: false, ..ALL }).contains("written to PostgreSQL directly"));
        assert!(reason(Answering { database: false, ..ALL }).contains("wait in Redis"));
    }

    #[test]
    fn live_results_that_pause_are_a_reason_only_where_there_are_viewers() {
        let paused = Answering { pubsub: false, ..ALL };
        assert_eq!((check(paused, true), check(paused, false)), ((true, 1), (true, 0)));
    }
}
