use std::time::Duration;

use chrono::DateTime;
use hyper::Method;
use pollster_integration::{Client, DEADLINE, Scratch, lunch, wait_until};
use serde_json::Value;

use super::World;
use crate::nemesis::{Blow, Fault, Program, Server};
use crate::report::Report;
use crate::settings::Settings;
use crate::topology::Topology;

async fn world() -> (World, Scratch) {
    let scratch = Scratch::new("world").unwrap();
    let (length, logs) = (Duration::ZERO, scratch.path().to_owned());
    let settings = Settings {
        seed: 0,
        topology: Topology::Single,
        min_replicas: 0,
        length,
        only: Vec::new(),
        planted: None,
        logs,
    };
    (World::start(&settings, &Report::default()).await, scratch)
}

/// What the gateway holds for the time, in seconds: it is when a poll was created.
async fn second_at(world: &World, gateway: usize) -> i64 {
    let mut client = Client::new(world.direct_gateway(gateway));
    let headers = [("content-type", "application/json")];
    let reply = client.request(Method::POST, "/api/v1/polls", &headers, lunch().to_string()).await.unwrap();
    let poll: Value = reply.json().unwrap();
    DateTime::parse_from_rfc3339(poll["created_at"].as_str().unwrap()).unwrap().timestamp()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_one_gateway_jumps_alone_and_comes_back() {
    let (world, _logs) = world().await;
    let jump = Fault::ClockJump(-3600);
    if !world.allows(jump) {
        eprintln!("skipped: {}", World::needs(jump));
        return;
    }
    let apart = async || second_at(&world, 0).await - second_at(&world, 1).await;
    assert!(apart().await.abs() < 60);
    world.inflict(jump).await;
    wait_until("the clock jumps", DEADLINE, async || (apart().await > 3500).then_some(())).await;
    world.heal(jump).await;
    wait_until("it comes back", DEADLINE, async || (apart().await.abs() < 60).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_a_full_disk_writes_no_more_and_is_back_once_there_is_room() {
    let (world, _logs) = world().await;
    let faults = [Server::Redis, Server::Postgres].map(|server| Fault::Strike(server, Blow::FullDisk));
    if !world.allows(faults[0]) {
        eprintln!("skipped: {}", World::needs(faults[0]));
        return;
    }
    let server = world.servers.redis().plain(Server::Redis).server();
    let mut redis = server.connect().await;
    world.inflict(faults[0]).await;
    let set = redis::cmd("SET").arg("key").arg("v".repeat(1 << 20)).exec_async(&mut redis).await;
    assert!(set.is_err(), "nothing is promised");
    wait_until("Redis ends", DEADLINE, async || server.has_ended().await.then_some(())).await;
    world.heal(faults[0]).await;
    let postgres = world.database().await;
    postgres.batch_execute("CREATE TABLE filler (text text)").await.unwrap();
    let fill = "INSERT INTO filler SELECT repeat(md5(n::text), 100) FROM generate_series(1, 5000) n";
    world.inflict(faults[1]).await;
    wait_until("PostgreSQL refuses", DEADLINE, async || postgres.batch_execute(fill).await.err()).await;
    world.heal(faults[1]).await;
    world.settle().await.unwrap();
    world.database().await.batch_execute(fill).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_by_itself_is_started_again() {
    let (world, _logs) = world().await;
    let member = world.member(Program::Aggregator(0));
    let before = member.service().pid().await;
    member.service().kill().await;
    wait_until("another runs", Duration::from_secs(30), async || {
        (!member.service().has_ended().await && member.service().pid().await != before).then_some(())
    })
    .await;
    world.settle().await.unwrap();
}
