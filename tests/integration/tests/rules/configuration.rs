//! Bad settings end a program at its start, with a message that says what to change.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};

use pollster_integration::{DEADLINE, Stack, lunch, token};
use pollster_stack::{Program, Scratch, find_program, free_port, until};

pub(crate) const GATEWAY: (&str, &[&str]) = ("pollster-gateway", &[]);
const AGGREGATOR: (&str, &[&str]) = ("pollster-aggregator", &[]);
const BACKGROUND: (&str, &[&str]) = ("pollster-background", &["run"]);
const ALL: [(&str, &[&str]); 3] = [GATEWAY, AGGREGATOR, BACKGROUND];
/// What every program needs. Nothing listens on these ports; programs listen on any that is free, so that
/// none is refused for another's port.
const GOOD: [(&str, &str); 6] = [
    ("DATABASE_URL", "postgres://pollster@127.0.0.1:1/pollster"),
    ("REDIS_URL", "redis://127.0.0.1:1"),
    ("HASH_SECRET", "a hash secret that is long enough"),
    ("JWT_SECRET", "a token secret that is long enough"),
    ("LISTEN", "127.0.0.1:0"),
    ("ADMIN_LISTEN", "127.0.0.1:0"),
];

/// Runs a program to its end, for some seconds at most, with these variables and no others.
pub(crate) fn run((program, args): (&str, &[&str]), more: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "20"]).arg(find_program(program).unwrap()).args(args).args(more);
    command.env_clear().envs(env.iter().copied()).output().unwrap()
}

pub(crate) fn with<'a>(variable: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = GOOD.into_iter().filter(|(name, _)| *name != variable);
    others.chain([(variable, value)]).collect()
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_bad_value_ends_the_program_with_64_and_the_variable_s_name() {
    for (program, variable, value) in [
        (GATEWAY, "LISTEN", "nowhere"),
        (GATEWAY, "ADMIN_LISTEN", "127.0.0.1"),
        (GATEWAY, "SERVE", ""),
        (GATEWAY, "SERVE", "api,web"),
        (GATEWAY, "DATABASE_POOL_SIZE", "0"),
        (GATEWAY, "DATABASE_POOLING", "statement"),
        (GATEWAY, "DATABASE_URL", "not a connection string"),
        (GATEWAY, "DATABASE_REPLICA_URL", "not a connection string"),
        (GATEWAY, "REDIS_URL", "not a URL"),
        (GATEWAY, "REDIS_STREAMS_URL", "not a URL"),
        (GATEWAY, "REDIS_AGGREGATES_URL", "http://127.0.0.1"),
        (GATEWAY, "REDIS_PUBSUB_URL", "not a URL"),
        (GATEWAY, "REDIS_PUBSUB_URL", "redis+cluster://one:port"),
        (GATEWAY, "REDIS_MIN_REPLICAS", "some"),
        (GATEWAY, "HASH_SECRET", "short"),
        (GATEWAY, "JWT_SECRET", "short"),
        (GATEWAY, "JWT_PUBLIC_KEY_FILE", "/beside/a/secret"),
        (GATEWAY, "JWKS_FILE", "/beside/a/secret"),
        (GATEWAY, "JWT_ISSUER", ""),
        (GATEWAY, "JWT_AUDIENCE", ""),
        (GATEWAY, "VOTE_SHARDS", "0"),
        (GATEWAY, "STREAM_MAX_LEN", "many"),
        (GATEWAY, "DRAIN_DELAY", "5"),
        (GATEWAY, "DRAIN_TIMEOUT", "20"),
        (GATEWAY, "RESULTS_INTERVAL_MS", "-1"),
        (GATEWAY, "MAX_SUBSCRIPTIONS", "0"),
        (GATEWAY, "TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        (GATEWAY, "WEBHOOK_ALLOWED_NETWORKS", "localhost"),
        (GATEWAY, "ALLOWED_ORIGINS", "example.org"),
        (GATEWAY, "MAX_CONNECTIONS", "0"),
        (GATEWAY, "MAX_CONNECTIONS_PER_ADDRESS", "0"),
        (GATEWAY, "CAPTCHA_VERIFY_URL", "ftp://127.0.0.1"),
        (GATEWAY, "CAPTCHA_VERIFY_URL", "http://127.0.0.1/without-a-secret"),
        (GATEWAY, "CAPTCHA_SECRET", "without-a-url"),
        (GATEWAY, "CAPTCHA_SCRIPT_ORIGIN", "https://example.org; script-src *"),
        (GATEWAY, "VOTES_PER_MINUTE", "-1"),
        (GATEWAY, "VOTES_PER_5_MINUTES", "100000001"),
        (GATEWAY, "VOTES_PER_MINUTE_PER_ADDRESS", "many"),
        (GATEWAY, "POLLS_PER_HOUR", "0.5"),
        (GATEWAY, "LOGINS_PER_MINUTE", ""),
        (GATEWAY, "SMTP_URL", "http://mail.example.org"),
        (GATEWAY, "SMTP_URL", "smtp://mail.example.org?tls=perhaps"),
        (GATEWAY, "MAIL_FROM", "nobody"),
        (GATEWAY, "MAIL_FOLDER", "/dev/null"),
        (GATEWAY, "LOG_FORMAT", "xml"),
        (GATEWAY, "OTLP_ENDPOINT", "grpc://collector:4317"),
        (GATEWAY, "TRACE_SAMPLE_RATIO", "1%"),
        (GATEWAY, "RUST_LOG", "loud=very=much"),
        (AGGREGATOR, "ADMIN_LISTEN", ":9102"),
        (AGGREGATOR, "DATABASE_URL", "not a connection string"),
        (AGGREGATOR, "REDIS_URL", "not a URL"),
        (AGGREGATOR, "REDIS_PUBSUB_URL", "redis+cluster://one/1"),
        (AGGREGATOR, "OTLP_ENDPOINT", "nowhere"),
        (AGGREGATOR, "BATCH_SIZE", "0"),
        (AGGREGATOR, "BATCH_LINGER_MS", "x"),
        (AGGREGATOR, "CLAIM_IDLE_MS", "1"),
        (AGGREGATOR, "MAX_DELIVERIES", "0"),
        (AGGREGATOR, "VOTE_SHARDS", "70000"),
        (AGGREGATOR, "MILESTONES", "100,many"),
        (AGGREGATOR, "MILESTONES", "0"),
        (AGGREGATOR, "MILESTONES", "100,100"),
        (BACKGROUND, "ADMIN_LISTEN", "9103"),
        (BACKGROUND, "DATABASE_URL", "not a connection string"),
        (BACKGROUND, "REDIS_URL", "not a URL"),
        (BACKGROUND, "DATABASE_POOL_SIZE", "1"),
        (BACKGROUND, "NOTIFY_RETRY_BASE", "10"),
        (BACKGROUND, "WEBHOOK_ALLOWED_NETWORKS", "localhost"),
        (BACKGROUND, "SMTP_URL", "http://mail.example.org"),
        (BACKGROUND, "ARCHIVE_URL", "ftp://127.0.0.1"),
        (BACKGROUND, "ARCHIVE_URL", "file:///dev/null/archive"),
        (BACKGROUND, "ARCHIVE_URL", "s3://key:beside-a-secret@bucket"),
        (BACKGROUND, "ARCHIVE_AFTER", "1"),
    ] {
        let output = run(program, &[], &with(variable, value));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(64), "{} {variable}={value}: {said}", program.0);
        assert!(said.contains(variable), "{} {variable}={value}: {said}", program.0);
    }
}

#[test]
fn a_bad_url_of_several_servers_is_refused_for_every_role() {
    for bad in ["redis+cluster://one:1/0", "redis+sentinel://one:1,two:2", "redis+sentinel://one:many/name"] {
        for program in ALL {
            for variable in ["REDIS_URL", "REDIS_STREAMS_URL", "REDIS_AGGREGATES_URL", "REDIS_PUBSUB_URL"] {
                let output = run(program, &[], &with(variable, bad));
                let said = said(&output);
                assert_eq!(output.status.code(), Some(64), "{} {variable}={bad}: {said}", program.0);
                assert!(said.contains(variable), "{} {variable}={bad}: {said}", program.0);
            }
        }
    }
}

#[test]
fn a_missing_setting_ends_the_program_with_64_and_its_name() {
    for program in ALL {
        for missing in ["DATABASE_URL", "REDIS_URL"] {
            let env: Vec<_> = GOOD.into_iter().filter(|(name, _)| *name != missing).collect();
            let output = run(program, &[], &env);
            assert_eq!(output.status.code(), Some(64), "{} {missing}: {}", program.0, said(&output));
            assert!(said(&output).contains(missing), "{} {missing}: {}", program.0, said(&output));
        }
    }
    for missing in ["HASH_SECRET", "JWT_SECRET"] {
        let env: Vec<_> = GOOD.into_iter().filter(|(name, _)| *name != missing).collect();
        let output = run(GATEWAY, &[], &env);
        assert_eq!((output.status.code(), said(&output).contains(missing)), (Some(64), true), "{missing}");
    }
    for command in ["migrate", "reconcile"] {
        let output = run(("pollster-background", &[command]), &[], &[]);
        assert_eq!(
            (output.status.code(), said(&output).contains("DATABASE_URL")),
            (Some(64), true),
            "{command}"
        );
    }
}

#[test]
fn wrong_usage_ends_the_program_with_2() {
    for program in ALL {
        for flag in ["--no-such-flag", "surplus"] {
            let output = run(program, &[flag], &GOOD);
            assert_eq!(output.status.code(), Some(2), "{} {flag}: {}", program.0, said(&output));
            assert!(said(&output).contains(flag), "{} {flag}: {}", program.0, said(&output));
        }
    }
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (program, variable) in [
        (GATEWAY, "LISTEN"),
        (GATEWAY, "ADMIN_LISTEN"),
        (AGGREGATOR, "ADMIN_LISTEN"),
        (BACKGROUND, "ADMIN_LISTEN"),
    ] {
        let output = run(program, &[], &with(variable, &address));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(64), "{} {variable}: {said}", program.0);
        assert!(said.contains(variable) && said.contains(&address), "{} {variable}: {said}", program.0);
    }
}

/// Variables that every program takes.
const COMMON: [&str; 10] = [
    "DATABASE_URL",
    "DATABASE_POOL_SIZE",
    "REDIS_URL",
    "REDIS_STREAMS_URL",
    "REDIS_AGGREGATES_URL",
    "REDIS_PUBSUB_URL",
    "REDIS_MIN_REPLICAS",
    "ADMIN_LISTEN",
    "LOG_FORMAT",
    "RUST_LOG",
];
/// What the gateway takes besides.
const OF_GATEWAY: [&str; 31] = [
    "LISTEN",
    "SERVE",
    "HASH_SECRET",
    "JWT_SECRET",
    "JWT_PUBLIC_KEY_FILE",
    "JWKS_FILE",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "VOTE_SHARDS",
    "STREAM_MAX_LEN",
    "RESULTS_INTERVAL_MS",
    "MAX_CONNECTIONS",
    "MAX_CONNECTIONS_PER_ADDRESS",
    "MAX_SUBSCRIPTIONS",
    "VOTES_PER_MINUTE",
    "VOTES_PER_5_MINUTES",
    "VOTES_PER_MINUTE_PER_ADDRESS",
    "POLLS_PER_HOUR",
    "LOGINS_PER_MINUTE",
    "PUBLIC_URL",
    "DRAIN_DELAY",
    "DRAIN_TIMEOUT",
    "TRUSTED_PROXIES",
    "ALLOWED_ORIGINS",
    "SMTP_URL",
    "MAIL_FROM",
    "MAIL_FOLDER",
    "CAPTCHA_VERIFY_URL",
    "CAPTCHA_SECRET",
    "CAPTCHA_SITE_KEY",
    "CAPTCHA_SCRIPT_ORIGIN",
];
const OF_AGGREGATOR: [&str; 5] =
    ["VOTE_SHARDS", "BATCH_SIZE", "BATCH_LINGER_MS", "CLAIM_IDLE_MS", "MAX_DELIVERIES"];
const OF_BACKGROUND: [&str; 6] =
    ["HASH_SECRET", "PUBLIC_URL", "SMTP_URL", "MAIL_FROM", "MAIL_FOLDER", "ARCHIVE_URL"];

#[test]
fn help_names_every_variable() {
    let programs: [(_, &[&str]); 3] =
        [(GATEWAY, &OF_GATEWAY), (AGGREGATOR, &OF_AGGREGATOR), (BACKGROUND, &OF_BACKGROUND)];
    for (program, own) in programs {
        let output = run(program, &["--help"], &[]);
        assert_eq!(output.status.code(), Some(0));
        let said = said(&output);
        for variable in COMMON.iter().chain(own) {
            let named = [format!("[env: {variable}="), format!("[env: {variable}]")];
            assert!(named.iter().any(|named| said.contains(named)), "{} {variable}: {said}", program.0);
        }
    }
}

#[test]
fn help_shows_no_secret() {
    const SECRET: &str = "k1tt3n-p4ssw0rd-0f-16";
    let secrets = [
        "DATABASE_URL",
        "DATABASE_REPLICA_URL",
        "REDIS_URL",
        "REDIS_STREAMS_URL",
        "REDIS_AGGREGATES_URL",
        "REDIS_PUBSUB_URL",
        "HASH_SECRET",
        "JWT_SECRET",
        "SMTP_URL",
        "CAPTCHA_SECRET",
    ];
    let env = secrets.map(|variable| (variable, SECRET));
    let background = |arguments| ("pollster-background", arguments);
    let commands: [&[&str]; 5] = [&[], &["run"], &["migrate"], &["grant-admin"], &["reconcile"]];
    for program in [GATEWAY, AGGREGATOR].into_iter().chain(commands.map(background)) {
        let output = run(program, &["--help"], &env);
        assert_eq!(output.status.code(), Some(0), "{program:?}");
        assert!(!said(&output).contains(SECRET), "{program:?}: {}", said(&output));
    }
}

#[test]
fn a_message_about_a_setting_shows_no_secret() {
    const SECRET: &str = "k1tt3n";
    for (program, variable, value) in [
        (GATEWAY, "HASH_SECRET", SECRET.to_owned()),
        (GATEWAY, "JWT_SECRET", SECRET.to_owned()),
        (GATEWAY, "DATABASE_URL", format!("postgres://pollster:{SECRET}@host:port/pollster")),
        (GATEWAY, "DATABASE_REPLICA_URL", format!("postgres://pollster:{SECRET}@host:port/pollster")),
        (GATEWAY, "REDIS_URL", format!("redis://:{SECRET}@host:port")),
        (GATEWAY, "SMTP_URL", format!("smtp://pollster:{SECRET}@host:port")),
        // Good in itself, but MAIL_FROM is missing.
        (GATEWAY, "SMTP_URL", format!("smtp://pollster:{SECRET}@host")),
        (AGGREGATOR, "DATABASE_URL", format!("postgres://pollster:{SECRET}@host:port/pollster")),
        (AGGREGATOR, "REDIS_URL", format!("redis://:{SECRET}@host:port")),
        (BACKGROUND, "DATABASE_URL", format!("password={SECRET} port=none")),
    ] {
        let output = run(program, &[], &with(variable, &value));
        assert!(!output.status.success() && output.status.code().is_some());
        assert!(!said(&output).contains(SECRET), "{} {variable}: {}", program.0, said(&output));
    }
}

/// What an admin listener answers, head and body.
fn admin_says(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn an_aggregator_waits_for_a_postgresql_that_is_away_and_tells_no_secret() {
    let folder = Scratch::new("waiting").unwrap();
    let log = folder.path().join("aggregator.log");
    let url = "postgres://pollster:k1tt3n@127.0.0.1:1/pollster";
    let admin = format!("127.0.0.1:{}", free_port().unwrap());
    let mut env = with("DATABASE_URL", url);
    env.push(("ADMIN_LISTEN", &admin));
    let env: Vec<(String, String)> =
        env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let mut aggregator = Program::start(AGGREGATOR.0, &env, &log).unwrap();
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    until("the aggregator waits", DEADLINE, &log, || {
        Ok(said().contains("waiting for PostgreSQL").then_some(()))
    })
    .unwrap();
    assert!(!said().contains("k1tt3n"), "{}", said());
    // Alive, or its supervisor would end it, and not ready.
    assert!(admin_says(&admin, "/livez").starts_with("HTTP/1.1 200"));
    assert!(admin_says(&admin, "/readyz").starts_with("HTTP/1.1 503"));
    assert!(aggregator.terminate(DEADLINE).unwrap().success());
}

#[tokio::test]
async fn logs_hold_no_secret_and_no_voter() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("a-key-of-the-voter"), poll.ballot(0, 0)).await;
    stack.vote(&poll, &voter, None, poll.ballot(0, 1)).await;
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    for service in [stack.gateway(0), stack.aggregator(0), stack.background()] {
        let log = service.log();
        assert!(log.contains("started"), "{log}");
        let token = poll.manage_token.as_deref().unwrap();
        for secret in ["the hash secret", "the token secret", "a-key-of-the-voter", &voter, token] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}
