//! A gateway's report of its viewers, on a Redis of its own.

use pollster_integration::{RedisServer, Scratch};
use pollster_shared::redis::{Connection, connection};
use pollster_shared::{keys, viewers};
use redis::AsyncCommands;
use uuid::Uuid;

use super::{outlive, reporting};

/// A Redis, and what gateways report to it.
struct Reports {
    redis: RedisServer,
    connection: Connection,
    poll_id: Uuid,
    _scratch: Scratch,
}

impl Reports {
    async fn new() -> Self {
        let scratch = Scratch::new("viewers").unwrap();
        let redis = RedisServer::start(scratch.path()).await;
        let connection = connection(redis.url()).unwrap();
        Self { redis, connection, poll_id: Uuid::now_v7(), _scratch: scratch }
    }

    /// The answer to this report.
    async fn report(&mut self, poll_id: Uuid, gateway: Uuid, count: u64) -> u64 {
        viewers::report(&mut self.connection, poll_id, gateway, count).await.unwrap()
    }
}

#[tokio::test]
async fn the_last_reports_of_all_gateways_are_added_up() {
    let mut reports = Reports::new().await;
    let (poll, [first, second]) = (reports.poll_id, [Uuid::new_v4(), Uuid::new_v4()]);
    for (gateway, count, sum) in
        [(first, 7, 7), (second, 5, 12), (first, 15_000, 15_005), (second, 4, 15_004), (first, 0, 4)]
    {
        assert_eq!(reports.report(poll, gateway, count).await, sum, "{count}");
    }
    assert_eq!(reports.report(Uuid::now_v7(), first, 1).await, 1, "polls are counted apart");
}

#[tokio::test]
async fn a_gateway_without_viewers_leaves_nothing_behind() {
    let mut reports = Reports::new().await;
    let (poll, gateway) = (reports.poll_id, Uuid::new_v4());
    assert_eq!(reports.report(poll, gateway, 0).await, 0);
    assert_eq!(reports.report(poll, gateway, 2).await, 2);
    assert_eq!(reports.report(poll, gateway, 0).await, 0);
    assert!(!reports.connection.exists::<_, bool>(keys::viewers(poll)).await.unwrap());
}

#[tokio::test]
async fn a_gateway_that_has_fallen_silent_is_forgotten() {
    let mut reports = Reports::new().await;
    let (poll, [silent, living]) = (reports.poll_id, [Uuid::new_v4(), Uuid::new_v4()]);
    reports.report(poll, silent, 3).await;
    assert_eq!(reports.report(poll, living, 2).await, 5);
    outlive(&reports.redis, poll).await;
    assert_eq!(reports.report(poll, living, 2).await, 2);
    assert_eq!(reporting(&reports.redis, poll).await, 1);
    // Whoever was only stopped is back with its next report.
    assert_eq!(reports.report(poll, silent, 3).await, 5);
}

#[tokio::test]
async fn when_all_have_fallen_silent_nothing_is_left() {
    let mut reports = Reports::new().await;
    let (poll, gateway) = (reports.poll_id, Uuid::new_v4());
    for _ in 0..2 {
        reports.report(poll, gateway, 1).await;
        let life: u64 = reports.connection.ttl(keys::viewers(poll)).await.unwrap();
        assert!((1..=viewers::LIFE.as_secs()).contains(&life), "{life}");
        // Each report renews it.
        let _: () = reports.connection.persist(keys::viewers(poll)).await.unwrap();
    }
}
