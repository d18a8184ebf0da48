//! Circuits: a server that is gone or stands still holds up a few requests, and then none.

mod both;
mod postgresql;
mod redis;

use std::time::{Duration, Instant};

use pollster_integration::{DEADLINE, PollView, Reply, Stack, token, wait_until};

/// What is answered without waiting for a server takes less, also on a busy machine; who waits for one takes longer.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Whether the first gateway's circuit of this dependency is open.
async fn is_open(stack: &Stack, dependency: &str) -> bool {
    let metrics = stack.gateway(0).metrics().await;
    let name = format!("pollster_circuit_open{{dependency=\"{dependency}\"}} ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&name));
    value.unwrap_or_else(|| panic!("{name}:\n{metrics}")) == "1"
}

async fn opens(stack: &Stack, dependency: &str) {
    let opened = async || is_open(stack, dependency).await.then_some(());
    wait_until("the circuit opens", DEADLINE, opened).await;
}

async fn closes(stack: &Stack, dependency: &str) {
    let closed = async || (!is_open(stack, dependency).await).then_some(());
    wait_until("the circuit closes", DEADLINE, closed).await;
}

/// How often the first gateway logged that the circuit of this dependency opened or closed.
fn logged(stack: &Stack, what: &str, dependency: &str) -> usize {
    let is_it = |line: &&str| line.contains(what) && line.contains(&format!("\"{dependency}\""));
    stack.gateway(0).log().lines().filter(is_it).count()
}

/// A vote of a new voter, which must be answered at once.
async fn votes_at_once(stack: &Stack, poll: &PollView) -> Reply {
    let started = Instant::now();
    let reply = stack.vote(poll, &token(), None, poll.ballot(0, 0)).await;
    assert!(started.elapsed() < AT_ONCE, "{:?}: {}", started.elapsed(), reply.text());
    reply
}

/// Asserts that the request was refused at once, with a time to come again.
fn assert_refused(started: Instant, reply: &Reply) {
    assert!(started.elapsed() < AT_ONCE, "{:?}: {}", started.elapsed(), reply.text());
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (503, Some("unavailable")));
    assert!(reply.retry_after().is_some());
}
