//! PostgreSQL's circuit.

use std::time::{Duration, Instant};

use pollster_integration::{DEADLINE, PollView, Reply, Stack, lunch, token, wait_until};
use rustix::process::{Pid, Signal, kill_process};

use super::{AT_ONCE, assert_refused, closes, is_open, logged, opens, votes_at_once};

/// Votes until every shard knows the poll: no vote needs PostgreSQL any more. Returns their number.
async fn warm(stack: &Stack, poll: &PollView) -> i64 {
    for _ in 0..20 {
        stack.accepted(poll, &token(), None, poll.ballot(0, 0)).await;
    }
    assert_eq!(stack.assert_exact(poll).await.total, 20);
    20
}

/// A stack in which that takes few votes.
async fn stack() -> (Stack, PollView) {
    let stack = Stack::builder().own_postgres().env("VOTE_SHARDS", 2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    (stack, poll)
}

/// A request that needs PostgreSQL.
async fn create(stack: &Stack) -> Reply {
    let headers = [("content-type", "application/json")];
    stack.request(hyper::Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await
}

#[tokio::test]
async fn votes_are_accepted_while_postgresql_is_gone_and_count_when_it_is_back() {
    let (stack, poll) = stack().await;
    let before = warm(&stack, &poll).await;
    assert!(!is_open(&stack, "postgresql").await);
    stack.database().kill_server().await;
    let asked = Instant::now();
    assert_eq!(create(&stack).await.status, 503);
    assert!(asked.elapsed() < Duration::from_secs(4), "nobody waits for the pool: {:?}", asked.elapsed());
    opens(&stack, "postgresql").await;
    for _ in 0..20 {
        assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
    }
    let asked = Instant::now();
    assert_refused(asked, &create(&stack).await);
    // The counts as they were are in Redis.
    assert_eq!(stack.results(&poll).await.total_votes, before as u64);
    stack.database().restart_server().await;
    closes(&stack, "postgresql").await;
    assert_eq!(create(&stack).await.status, 201, "the first one after that");
    for what in ["circuit opened", "circuit closed"] {
        assert_eq!(logged(&stack, what, "postgresql"), 1, "{what}");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, before + 20);
}

/// The server's main process and all that it has started.
async fn processes(stack: &Stack) -> Vec<Pid> {
    let main = stack.database().server_pid().await;
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children = pids.filter(|&pid| parent(pid) == Some(main));
    [main].into_iter().chain(children).filter_map(|pid| Pid::from_raw(pid.cast_signed())).collect()
}

#[tokio::test]
async fn a_frozen_postgresql_holds_up_no_vote() {
    let (stack, poll) = stack().await;
    let before = warm(&stack, &poll).await;
    let frozen = processes(&stack).await;
    assert!(frozen.len() > 5, "{frozen:?}");
    frozen.iter().for_each(|&pid| kill_process(pid, Signal::STOP).unwrap());
    // Neither before nobody has noticed, nor while somebody waits, nor after that.
    assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
    let asked = Instant::now();
    let (created, ()) = tokio::join!(create(&stack), async {
        while !is_open(&stack, "postgresql").await {
            assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
            assert!(asked.elapsed() < DEADLINE, "the circuit does not open");
        }
    });
    assert_eq!(created.status, 503, "{}", created.text());
    assert!(asked.elapsed() < Duration::from_secs(10), "who waits is not kept: {:?}", asked.elapsed());
    assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
    let again = Instant::now();
    assert_refused(again, &create(&stack).await);
    frozen.iter().rev().for_each(|&pid| kill_process(pid, Signal::CONT).unwrap());
    closes(&stack, "postgresql").await;
    let back = Instant::now();
    assert_eq!(create(&stack).await.status, 201);
    assert!(back.elapsed() < AT_ONCE, "{:?}", back.elapsed());
    assert!(stack.assert_exact(&poll).await.total > before + 2);
}

#[tokio::test]
async fn a_pool_whose_connections_are_all_in_use_opens_no_circuit() {
    let stack = Stack::builder().env("DATABASE_POOL_SIZE", 2).without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    let database = stack.database().connect().await;
    database.batch_execute("BEGIN; LOCK TABLE polls IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (path, asked) = ("/api/v1/polls/no-such-poll", Instant::now());
    // Two have the connections and wait for the lock, the third waits for a connection.
    let (one, other, third) = tokio::join!(stack.get(path), stack.get(path), stack.get(path));
    for reply in [one, other, third] {
        assert_eq!(reply.status, 503, "{}", reply.text());
    }
    assert!(asked.elapsed() > Duration::from_secs(4), "they waited: {:?}", asked.elapsed());
    database.batch_execute("ROLLBACK").await.unwrap();
    wait_until("it is served again", DEADLINE, async || {
        (stack.get(&format!("/api/v1/polls/{}", poll.slug)).await.status == 200).then_some(())
    })
    .await;
    assert_eq!(logged(&stack, "circuit opened", "postgresql"), 0);
}
