//! Redis with Sentinels, and Redis Cluster: who takes over, and what those that were away come back as.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use pollster_stack::{Redis, RedisCluster, RedisSentinels, Scratch, Signal, until};

const DEADLINE: Duration = Duration::from_secs(30);

fn ask(redis: &Redis, command: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, redis.port())).expect("the server is reached");
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).expect("a command is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn until_true(what: &str, mut check: impl FnMut() -> bool) {
    until(what, DEADLINE, Path::new("none"), || Ok(check().then_some(()))).expect(what);
}

#[test]
fn a_killed_primary_is_replaced_and_comes_back_as_a_replica() {
    let scratch = Scratch::new("sentinels").unwrap();
    let mut redis = RedisSentinels::start(scratch.path(), 1, 0).unwrap();
    assert_eq!(redis.primary(), Some(0));
    assert!(ask(&redis.members()[0], "SET key before").starts_with("+OK"));
    assert!(ask(&redis.members()[0], "WAIT 1 1000").starts_with(":1"));
    redis.members()[0].kill().unwrap();
    until_true("a takeover", || redis.primary() == Some(1));
    assert!(ask(&redis.members()[1], "GET key").contains("before"));
    until_true("the new primary", || ask(&redis.members()[1], "SET key after").starts_with("+OK"));
    redis.members()[0].restart().unwrap();
    redis.wait_until_it_works().unwrap();
    assert_eq!(redis.primary(), Some(1));
    assert!(ask(&redis.members()[0], "GET key").contains("after"));
    assert!(ask(&redis.members()[0], "SET key x").starts_with("-READONLY"));
}

#[test]
fn a_frozen_primary_is_replaced_too() {
    let scratch = Scratch::new("sentinels").unwrap();
    let mut redis = RedisSentinels::start(scratch.path(), 1, 0).unwrap();
    redis.members()[0].process().signal(Signal::STOP).unwrap();
    until_true("a takeover", || redis.primary() == Some(1));
    redis.members()[0].process().signal(Signal::CONT).unwrap();
    redis.wait_until_it_works().unwrap();
    assert_eq!(redis.primary(), Some(1));
}

#[test]
fn a_primary_without_its_replica_refuses_to_write_where_it_must_have_one() {
    let scratch = Scratch::new("sentinels").unwrap();
    let mut redis = RedisSentinels::start(scratch.path(), 1, 1).unwrap();
    redis.set_replication_cut(0, true).unwrap();
    until_true("a refusal", || ask(&redis.members()[0], "SET key x").starts_with("-NOREPLICAS"));
    assert!(ask(&redis.members()[1], "INFO replication").contains("master_link_status:down"));
    redis.set_replication_cut(0, false).unwrap();
    redis.wait_until_it_works().unwrap();
    assert_eq!(redis.primary(), Some(0));
    assert!(ask(&redis.members()[0], "SET key x").starts_with("+OK"));
}

#[test]
fn two_sentinels_are_enough_and_the_third_comes_back() {
    let scratch = Scratch::new("sentinels").unwrap();
    let mut redis = RedisSentinels::start(scratch.path(), 1, 0).unwrap();
    redis.sentinels()[2].kill().unwrap();
    redis.members()[0].kill().unwrap();
    until_true("a takeover", || redis.primary() == Some(1));
    redis.sentinels()[2].restart().unwrap();
    redis.members()[0].restart().unwrap();
    redis.wait_until_it_works().unwrap();
}

#[test]
fn a_node_of_a_cluster_that_was_killed_comes_back_as_a_replica() {
    let scratch = Scratch::new("cluster").unwrap();
    let mut cluster = RedisCluster::start(scratch.path(), true).unwrap();
    assert_eq!(cluster.replicas_of(1), [4]);
    cluster.nodes()[1].kill().unwrap();
    let names = |cluster: &RedisCluster| -> Vec<usize> {
        cluster.primaries().unwrap().into_iter().map(|(node, _)| node).collect()
    };
    until_true("a takeover", || names(&cluster) == [0, 2, 4]);
    cluster.nodes()[1].restart().unwrap();
    cluster.wait_until_it_works().unwrap();
    assert_eq!(names(&cluster), [0, 2, 4]);
    assert_eq!(cluster.replicas_of(4), [1]);
    cluster.fail_over_to(1).unwrap();
    until_true("the handover", || names(&cluster) == [0, 1, 2]);
}

#[test]
fn slots_move_with_their_keys() {
    let scratch = Scratch::new("cluster").unwrap();
    let mut cluster = RedisCluster::start(scratch.path(), false).unwrap();
    // Its slot is 866, in the first third.
    assert!(ask(&cluster.nodes()[0], "CLUSTER KEYSLOT hello").starts_with(":866"));
    for number in 0..100 {
        assert!(ask(&cluster.nodes()[0], &format!("XADD {{hello}}{number} 1-1 a b")).starts_with("$3"));
    }
    cluster.migrate(800..1000, 0, 2).unwrap();
    assert!(ask(&cluster.nodes()[0], "XLEN {hello}0").starts_with("-MOVED"));
    for number in 0..100 {
        assert!(ask(&cluster.nodes()[2], &format!("XLEN {{hello}}{number}")).starts_with(":1"));
    }
    let primaries = cluster.primaries().unwrap();
    assert_eq!(primaries[0].1, [0..800, 1000..5461]);
    assert!(primaries[2].1.contains(&(800..1000)));
}
