//! The servers start, keep their data and end, whatever happens around them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use pollster_stack::{
    Nginx, Options, Postgres, Redis, Scratch, Signal, StackError, free_port, is_running, until,
};

fn redis_says(redis: &Redis, commands: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, redis.port())).unwrap();
    stream.write_all(format!("{commands}\r\nQUIT\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn wait_for_end(pid: u32, name: &str) {
    let log = Path::new("none");
    until("the end", Duration::from_secs(10), log, || Ok((!is_running(pid, name)).then_some(()))).unwrap();
}

#[test]
fn postgres_keeps_its_port_and_data_over_stop_and_kill() {
    let scratch = Scratch::new("postgres").unwrap();
    let mut postgres = Postgres::start(&scratch.path().join("data")).unwrap();
    postgres.create_database("one").unwrap();
    let (port, first) = (postgres.port(), postgres.pid());

    postgres.restart().unwrap();
    assert_eq!(postgres.port(), port);
    assert_ne!(postgres.pid(), first);
    assert!(postgres.has_database("one").unwrap());

    postgres.create_database_from("two", "one").unwrap();
    postgres.kill().unwrap();
    assert!(postgres.psql("SELECT 1").is_err());
    postgres.restart().unwrap();
    assert!(postgres.url("two").ends_with(&format!(":{port}/two")));
    assert!(postgres.has_database("two").unwrap());

    postgres.drop_database("two").unwrap();
    assert!(!postgres.has_database("two").unwrap());
    assert!(matches!(postgres.create_database("no; really"), Err(StackError::BadDatabaseName { .. })));

    let last = postgres.pid();
    drop(postgres);
    assert!(!is_running(last, "postgres"));
}

#[test]
fn postgres_is_durable_and_local() {
    let scratch = Scratch::new("settings").unwrap();
    let postgres = Postgres::start(&scratch.path().join("data")).unwrap();
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("max_connections", "200"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
    ] {
        assert_eq!(postgres.psql(&format!("SHOW {setting}")).unwrap(), value, "{setting}");
    }
}

#[test]
fn postgres_starts_over_the_claim_of_a_dead_one() {
    let scratch = Scratch::new("stale").unwrap();
    let data = scratch.path().join("data");
    let mut postgres = Postgres::start(&data).unwrap();
    postgres.kill().unwrap();
    drop(postgres);
    // As if another process, this one, had got the number of the dead server.
    let claim = std::fs::read_to_string(data.join("postmaster.pid")).unwrap();
    let (_, rest) = claim.split_once('\n').unwrap();
    std::fs::write(data.join("postmaster.pid"), format!("{}\n{rest}", std::process::id())).unwrap();

    let postgres = Postgres::start(&data).unwrap();
    assert_eq!(postgres.psql("SELECT 1").unwrap(), "1");
}

#[test]
fn redis_keeps_its_port_and_data_over_stop_and_kill() {
    let scratch = Scratch::new("redis").unwrap();
    let mut redis = Redis::start(&scratch.path().join("data")).unwrap();
    let port = redis.port();
    redis_says(&redis, "SET a 1");
    redis.restart().unwrap();
    assert_eq!(redis.port(), port);
    assert!(redis_says(&redis, "GET a").contains("$1\r\n1"));

    redis_says(&redis, "SET b 2");
    redis.kill().unwrap();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    redis.restart().unwrap();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{port}"));
    assert!(redis_says(&redis, "GET b").contains("$1\r\n2"));
    assert!(redis_says(&redis, "CONFIG GET appendfsync").contains("always"));
    assert!(redis_says(&redis, "CONFIG GET maxmemory-policy").contains("noeviction"));

    let pid = redis.pid();
    drop(redis);
    assert!(!is_running(pid, "redis-server"));
}

#[test]
fn a_stopped_process_still_ends_with_its_handle() {
    let scratch = Scratch::new("stopped").unwrap();
    let mut redis = Redis::start(&scratch.path().join("data")).unwrap();
    redis.process().signal(Signal::STOP).unwrap();
    let pid = redis.pid();
    drop(redis);
    assert!(!is_running(pid, "redis-server"));
}

#[test]
fn a_taken_port_is_got_around() {
    let scratch = Scratch::new("taken").unwrap();
    let port = free_port().unwrap();
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let options = Options { port: Some(port), ..Options::default() };
    let redis = Redis::start_with(&scratch.path().join("redis"), options.clone()).unwrap();
    assert_ne!(redis.port(), port);
    let postgres = Postgres::start_with(&scratch.path().join("postgres"), options).unwrap();
    assert_ne!(postgres.port(), port);
}

#[test]
fn a_restart_waits_for_its_port() {
    let scratch = Scratch::new("wait").unwrap();
    let mut redis = Redis::start(&scratch.path().join("data")).unwrap();
    let port = redis.port();
    redis.stop().unwrap();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let log = scratch.path().join("data/server.log");
    std::thread::scope(|scope| {
        let restart = scope.spawn(|| redis.restart());
        let refused = || Ok(std::fs::read_to_string(&log).unwrap().contains("already in use").then_some(()));
        until("a refusal", Duration::from_secs(10), &log, refused).unwrap();
        drop(taken);
        restart.join().unwrap().unwrap();
    });
    assert_eq!(redis.port(), port);
}

#[test]
fn an_error_shows_the_end_of_the_log() {
    let scratch = Scratch::new("error").unwrap();
    let data = scratch.path().join("data");
    std::fs::create_dir_all(data.join("appendonlydir")).unwrap();
    std::fs::write(data.join("appendonlydir/appendonly.aof.manifest"), "nonsense\n").unwrap();
    let error = Redis::start(&data).unwrap_err().to_string();
    assert!(error.contains("redis-server ended") && error.contains("server.log"), "{error}");
    assert!(error.contains("nonsense"), "{error}");
}

/// Not a test of its own: the parent that the next one kills.
#[test]
fn parent_for_the_next_test() {
    let Some(folder) = std::env::var_os("POLLSTER_STACK_TEST_PARENT") else { return };
    let folder = Path::new(&folder);
    let postgres = Postgres::start(&folder.join("postgres")).unwrap();
    let redis = Redis::start(&folder.join("redis")).unwrap();
    std::fs::write(folder.join("pids.new"), format!("{} {}", postgres.pid(), redis.pid())).unwrap();
    std::fs::rename(folder.join("pids.new"), folder.join("pids")).unwrap();
    loop {
        std::thread::park();
    }
}

#[test]
fn children_die_with_a_killed_parent() {
    let scratch = Scratch::new("parent").unwrap();
    let mut parent = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_for_the_next_test"])
        .env("POLLSTER_STACK_TEST_PARENT", scratch.path())
        .spawn()
        .unwrap();
    let file = scratch.path().join("pids");
    let pids = until("the parent's servers", Duration::from_secs(60), &file, || {
        Ok(std::fs::read_to_string(&file).ok())
    })
    .unwrap();
    let pids: Vec<u32> = pids.split(' ').map(|pid| pid.parse().unwrap()).collect();
    assert!(is_running(pids[0], "postgres") && is_running(pids[1], "redis-server"));
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_for_end(pids[0], "postgres");
    wait_for_end(pids[1], "redis-server");
}

#[test]
fn nginx_answers_also_without_gateways_and_leaves_nothing_behind() {
    let scratch = Scratch::new("nginx").unwrap();
    let gone = [([127, 0, 0, 1], free_port().unwrap()).into()];
    let nginx = Nginx::start(scratch.path(), &gone, &gone).unwrap();
    let address = nginx.address();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\"unavailable\""), "{answer}");
    drop(nginx);
    assert!(TcpStream::connect(address).is_err());
}
