//! Rate limits: who asks too often is refused, told when to come again, and nothing is done.

use std::time::{Duration, Instant};

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Reply, Stack, cast, lunch, token, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::errors::{JSON, assert_problem, post};

/// The status of a vote with a new token from another address of this machine.
async fn vote_from(address: &str, stack: &Stack, poll: &PollView) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(stack.gateway(0).address()).await.unwrap();
    let body = String::from_utf8(poll.ballot(0, 0).to_vec()).unwrap();
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n\
         X-Voter-Token: {}\r\nContent-Length: {}\r\n\r\n{body}",
        poll.votes_path(),
        token(),
        body.len(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

/// Votes as `token` until refused; returns how many were let through, and the refusal.
async fn until_refused(stack: &Stack, poll: &PollView, token: &str) -> (u32, Reply) {
    let mut client = stack.client(0);
    for passed in 0..1000 {
        let reply = cast(&mut client, poll, token, None, poll.ballot(0, 0)).await;
        if reply.status == 429 {
            return (passed, reply);
        }
    }
    panic!("a thousand votes are let through");
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers[name].to_str().unwrap()
}

#[tokio::test]
async fn a_voter_beyond_their_limit_is_refused_and_others_are_not() {
    let stack = Stack::builder().env("VOTES_PER_5_MINUTES", 5).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let (passed, refusal) = until_refused(&stack, &poll, &voter).await;
    assert_eq!(passed, 5);
    assert_problem("a vote too many", &refusal, 429, "rate_limited");
    // Also what would only be told how it went, and what can't be read: no body is looked at.
    let again = stack.vote(&poll, &voter, None, "nonsense".into()).await;
    assert_problem("nonsense", &again, 429, "rate_limited");
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn an_address_beyond_its_limit_is_refused_and_others_are_not() {
    let stack = Stack::builder().env("VOTES_PER_MINUTE_PER_ADDRESS", 3).start().await;
    let poll = stack.create_poll(&lunch()).await;
    for _ in 0..3 {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    }
    let refused = stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_problem("an address", &refused, 429, "rate_limited");
    assert_eq!(vote_from("127.0.0.2", &stack, &poll).await, "202");
    // A refused vote is not counted.
    assert_eq!(stack.assert_exact(&poll).await.total, 4);
}

#[tokio::test]
async fn a_retry_of_an_accepted_vote_consumes_too() {
    let stack = Stack::builder().env("VOTES_PER_5_MINUTES", 3).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    for _ in 0..3 {
        stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    }
    let refused = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    assert_problem("a retry", &refused, 429, "rate_limited");
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn an_answer_tells_the_limits_and_what_is_left() {
    let stack = Stack::builder()
        .env("VOTES_PER_MINUTE", 60)
        .env("VOTES_PER_5_MINUTES", 200)
        .env("VOTES_PER_MINUTE_PER_ADDRESS", 100_000_000)
        .env("POLLS_PER_HOUR", 5)
        .start()
        .await;
    let made = post(&stack, "/api/v1/polls", &lunch().to_string()).await;
    assert_eq!(header(&made, "ratelimit-policy"), "\"polls\";q=5;w=3600");
    assert_eq!(header(&made, "ratelimit"), "\"polls\";r=4;t=720");
    let poll: PollView = made.json().unwrap();
    let voted = stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(voted.status, 202);
    let policy = "\"voter\";q=60;w=60, \"voter-5m\";q=200;w=300, \"address\";q=100000000;w=60";
    assert_eq!(header(&voted, "ratelimit-policy"), policy);
    assert_eq!(header(&voted, "ratelimit"), "\"voter\";r=59;t=1");
    assert!(!voted.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn who_comes_again_after_the_time_told_is_let_through() {
    // One every three seconds.
    let stack = Stack::builder().env("VOTES_PER_MINUTE", 20).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let (_, refusal) = until_refused(&stack, &poll, &voter).await;
    let wait = refusal.retry_after().unwrap();
    assert!((1..=3).contains(&wait.as_secs()), "{wait:?}");
    assert_eq!(header(&refusal, "ratelimit"), format!("\"voter\";r=0;t={}", wait.as_secs()));
    assert_eq!(header(&refusal, "ratelimit-policy"), "\"voter\";q=20;w=60");
    tokio::time::sleep(wait).await;
    let reply = stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
    assert_eq!(reply.code().as_deref(), Some("already_voted"));
}

#[tokio::test]
async fn polls_beyond_the_limit_are_refused_and_bad_ones_do_not_count() {
    let stack = Stack::builder().env("POLLS_PER_HOUR", 2).start().await;
    for _ in 0..5 {
        assert_eq!(post(&stack, "/api/v1/polls", r#"{"title": "", "questions": []}"#).await.status, 422);
    }
    stack.create_poll(&lunch()).await;
    stack.create_poll(&lunch()).await;
    let refused = post(&stack, "/api/v1/polls", &lunch().to_string()).await;
    assert_problem("a poll too many", &refused, 429, "rate_limited");
    assert_eq!(crate::errors::polls(&stack).await, 2);
}

#[tokio::test]
async fn refusals_over_five_minutes_are_logged_without_the_voter_and_counted() {
    let stack = Stack::builder().env("VOTES_PER_5_MINUTES", 2).env("POLLS_PER_HOUR", 1).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    until_refused(&stack, &poll, &voter).await;
    for _ in 0..9 {
        assert_eq!(stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await.status, 429);
    }
    assert_eq!(post(&stack, "/api/v1/polls", &lunch().to_string()).await.status, 429);
    let log = stack.gateway(0).log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("at a limit")).collect();
    // Once a minute: another one may have begun.
    assert!((1..=2).contains(&lines.len()), "{log}");
    assert!(lines[0].contains("WARN") && lines[0].contains("voter-5m"), "{log}");
    assert!(!log.contains(&voter) && !lines[0].contains("127.0.0.1"), "{log}");
    let metrics = stack.gateway(0).metrics().await;
    for counted in ["{scope=\"voter-5m\"} 10", "{scope=\"polls\"} 1", "{scope=\"logins\"} 0"] {
        assert!(metrics.contains(&format!("pollster_rate_limited_total{counted}\n")), "{metrics}");
    }
}

/// Votes as `token` over all of `gateways` in turns, far beyond any limit, for `span` and until each has
/// refused. Returns how many were let through, and in which time.
async fn flood(stack: &Stack, gateways: &[usize], poll: &PollView, span: Duration) -> (u64, Duration) {
    let voter = token();
    let mut clients: Vec<_> = gateways.iter().map(|&number| (stack.client(number), 0)).collect();
    let (start, mut passed) = (Instant::now(), 0);
    while start.elapsed() < span || clients.iter().any(|(_, refused)| *refused < 20) {
        assert!(start.elapsed() < DEADLINE + span, "a gateway refuses nothing");
        for (client, refused) in &mut clients {
            match cast(client, poll, &voter, None, poll.ballot(0, 0)).await.status.as_u16() {
                429 => *refused += 1,
                _ => passed += 1,
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (passed, start.elapsed())
}

#[tokio::test]
async fn two_gateways_let_through_what_one_would_within_a_tenth() {
    const PER_MINUTE: u32 = 600;
    let stack = Stack::builder().gateways(2).env("VOTES_PER_MINUTE", PER_MINUTE).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let span = Duration::from_secs(10);
    let (by_two, by_one) =
        tokio::join!(flood(&stack, &[0, 1], &poll, span), flood(&stack, &[1], &poll, span));
    for (what, (passed, took)) in [("two gateways", by_two), ("one gateway", by_one)] {
        // What a GCRA allows in that time.
        let allowed = f64::from(PER_MINUTE) * (1.0 + took.as_secs_f64() / 60.0);
        let share = passed as f64 / allowed;
        assert!((0.9..=1.1).contains(&share), "{what}: {passed} in {took:?}, not {allowed:.0}");
    }
}

/// The keys of shared limits.
async fn shared(stack: &Stack) -> Vec<String> {
    let mut redis = stack.redis().connect().await;
    redis::cmd("KEYS").arg("rate:*").query_async(&mut redis).await.unwrap()
}

#[tokio::test]
async fn limits_go_on_without_redis_and_are_shared_again_once_it_is_back() {
    let stack = Stack::builder().env("VOTES_PER_5_MINUTES", 5).env("POLLS_PER_HOUR", 3).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    wait_until("a limit is shared", DEADLINE, async || (shared(&stack).await.len() == 2).then_some(())).await;
    stack.redis().kill().await;

    let (passed, refusal) = until_refused(&stack, &poll, &token()).await;
    assert_eq!(passed, 5);
    assert_problem("a vote", &refusal, 429, "rate_limited");
    stack.create_poll(&lunch()).await;
    stack.create_poll(&lunch()).await;
    let refused = stack.request(Method::POST, "/api/v1/polls", &[JSON], &lunch().to_string()).await;
    assert_problem("a poll", &refused, 429, "rate_limited");

    stack.redis().restart().await;
    let keys = wait_until("what was let through meanwhile is shared", DEADLINE, async || {
        Some(shared(&stack).await).filter(|keys| keys.len() == 3)
    })
    .await;
    for key in keys {
        let (scope, who) = key.strip_prefix("rate:").and_then(|key| key.split_once(':')).unwrap();
        assert!(["voter-5m", "polls"].contains(&scope), "{key}");
        let who = who.strip_prefix('{').and_then(|who| who.strip_suffix('}')).unwrap();
        assert!(who.len() == 16 && u64::from_str_radix(who, 16).is_ok(), "{key}");
    }
}
