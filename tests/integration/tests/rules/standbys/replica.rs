//! Lists, statistics and exports are read from the replica while it keeps up, else from the primary.

use hyper::{Method, StatusCode};
use pollster_integration::{
    DEADLINE, Database, PollView, Scratch, Stack, Standby, TestAccount, lunch, token, wait_until,
};
use serde_json::Value;

/// A lag that no test takes.
const ANY_LAG: &str = "1h";
/// The least that can be set.
const LEAST_LAG: &str = "2s";

struct Bed {
    stack: Stack,
    replica: Standby,
    ada: TestAccount,
    // Dropped last.
    _scratch: Scratch,
}

impl Bed {
    /// A stack with a replica that may be `max_lag` behind, and is read from.
    async fn start(max_lag: &str) -> Self {
        let scratch = Scratch::new("replica").unwrap();
        let database = Database::on_own_server(scratch.path()).await;
        let replica = database.start_standby(scratch.path(), "replica").await;
        let stack = Stack::builder()
            .database(database)
            .env("DATABASE_REPLICA_URL", replica.url())
            .env("DATABASE_REPLICA_MAX_LAG", max_lag);
        let stack = stack.start().await;
        let ada = stack.account("ada").await;
        let bed = Self { stack, replica, ada, _scratch: scratch };
        bed.changed_over(1).await;
        bed
    }

    async fn poll(&self) -> PollView {
        self.stack.create_poll_as(&self.ada, &lunch()).await
    }

    async fn get(&self, path: &str) -> String {
        let reply = self.stack.request(Method::GET, path, &[self.ada.header()], "").await;
        reply.expect(StatusCode::OK).unwrap().text()
    }

    /// How many polls Ada's list has.
    async fn listed(&self) -> usize {
        let list: Value = serde_json::from_str(&self.get("/api/v1/polls?mine=true").await).unwrap();
        list["polls"].as_array().unwrap().len()
    }

    async fn wait_until_listed(&self, polls: usize) {
        wait_until("the polls are listed", DEADLINE, async || (self.listed().await == polls).then_some(()))
            .await;
    }

    /// Waits until reads went over to the replica for that many times.
    async fn changed_over(&self, times: usize) {
        self.noted(r#""keeps_up":true"#, times).await;
    }

    /// Waits until the gateway has found out that the replica can't be read.
    async fn left_the_replica(&self) {
        self.noted(r#""keeps_up":false"#, 1).await;
    }

    async fn noted(&self, what: &str, times: usize) {
        wait_until(what, DEADLINE, async || {
            let log = self.stack.gateway(0).log();
            (log.matches(what).count() >= times).then_some(())
        })
        .await;
    }

    async fn lag(&self) -> f64 {
        self.stack.gateway(0).metric("pollster_replica_lag_seconds").await
    }
}

#[tokio::test]
async fn lists_statistics_and_exports_are_read_from_the_replica_and_results_never() {
    let bed = Bed::start(ANY_LAG).await;
    let poll = bed.poll().await;
    bed.wait_until_listed(1).await;
    bed.replica.pause_replay().await;
    bed.poll().await;
    bed.stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(bed.stack.assert_exact(&poll).await.total, 1);

    let (stats, export) = (
        format!("/api/v1/polls/{}/stats", poll.poll_id),
        format!("/api/v1/polls/{}/export?format=json", poll.poll_id),
    );
    assert_eq!(bed.listed().await, 1);
    assert!(bed.get(&stats).await.contains(r#""minutes":[]"#));
    assert_eq!(bed.get(&export).await, "");
    assert_eq!(bed.stack.results(&poll).await.total_votes, 1);

    bed.replica.resume_replay().await;
    bed.wait_until_listed(2).await;
    wait_until("the vote is in the statistics", DEADLINE, async || {
        (!bed.get(&stats).await.contains(r#""minutes":[]"#)).then_some(())
    })
    .await;
    assert_eq!(bed.get(&export).await.lines().count(), 1);
}

#[tokio::test]
async fn a_replica_that_is_too_far_behind_is_not_read_until_it_has_caught_up() {
    let bed = Bed::start(LEAST_LAG).await;
    assert!(bed.lag().await < 2.0);
    bed.replica.pause_replay().await;
    bed.poll().await;
    // The replica can't know of it.
    bed.wait_until_listed(1).await;
    assert!(bed.lag().await > 2.0);
    bed.replica.resume_replay().await;
    bed.changed_over(2).await;
    assert!(bed.lag().await < 2.0);
    assert_eq!(bed.listed().await, 1);
}

#[tokio::test]
async fn a_replica_that_is_away_is_not_missed() {
    let bed = Bed::start(ANY_LAG).await;
    let poll = bed.poll().await;
    bed.wait_until_listed(1).await;
    bed.replica.kill().await;
    // At once, and with what the replica has not seen.
    for polls in 2..6 {
        bed.poll().await;
        assert_eq!(bed.listed().await, polls);
    }
    bed.get(&format!("/api/v1/polls/{}/export?format=csv", poll.poll_id)).await;
    bed.get(&format!("/api/v1/polls/{}/stats", poll.poll_id)).await;
    bed.left_the_replica().await;
    bed.replica.restart().await;
    bed.changed_over(2).await;
    assert_eq!(bed.listed().await, 5);
}

#[tokio::test]
async fn a_replica_that_stands_still_is_not_missed() {
    let bed = Bed::start(ANY_LAG).await;
    bed.poll().await;
    bed.wait_until_listed(1).await;
    let frozen = bed.replica.freeze().await;
    bed.poll().await;
    assert_eq!(bed.listed().await, 2);
    bed.left_the_replica().await;
    drop(frozen);
    bed.changed_over(2).await;
}

#[tokio::test]
async fn a_replica_that_follows_nobody_any_more_is_not_read() {
    let bed = Bed::start(ANY_LAG).await;
    bed.replica.promote().await;
    bed.poll().await;
    bed.wait_until_listed(1).await;
}

#[tokio::test]
async fn while_the_primary_is_away_the_replica_is_read_however_far_behind_it_is() {
    let bed = Bed::start(LEAST_LAG).await;
    bed.poll().await;
    bed.wait_until_listed(1).await;
    bed.changed_over(1).await;
    bed.replica.pause_replay().await;
    bed.poll().await;
    bed.wait_until_listed(2).await;
    bed.stack.database().kill_server().await;
    wait_until("what the replica has is listed", DEADLINE, async || {
        let path = "/api/v1/polls?mine=true";
        let reply = bed.stack.request(Method::GET, path, &[bed.ada.header()], "").await;
        if reply.status != StatusCode::OK {
            return None;
        }
        let list: Value = reply.json().unwrap();
        assert_eq!(list["polls"].as_array().unwrap().len(), 1);
        Some(())
    })
    .await;
    bed.replica.resume_replay().await;
    bed.stack.database().restart_server().await;
    bed.wait_until_listed(2).await;
}
