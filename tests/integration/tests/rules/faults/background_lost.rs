//! Background workers are killed again and again while polls reach milestones, close and are archived.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use hyper::Method;
use pollster_integration::{PollView, Receiver, Stack, cast, lunch, token, wait_until};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const POLLS: usize = 50;
const MILESTONES: [i64; 5] = [2, 4, 6, 8, 10];
const KILLS: usize = 20;
const VOTERS: usize = 8;
/// Accepted votes after which a poll is closed; those on their way meanwhile count or are refused.
const CLOSED_AFTER: i64 = 12;
/// Votes between two kills.
const VOTES_A_KILL: usize = POLLS * CLOSED_AFTER as usize / KILLS;
/// What a killed worker had in hand comes due again when its claim has run out: up to 45 s for a delivery. It may be
/// claimed by the next one to be killed.
const SETTLED: Duration = Duration::from_secs(180);
/// A worker lives at most that much longer than the votes of its round.
const MAX_DELAY_MS: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn milestones_and_archives_happen_once_though_background_workers_are_killed() {
    let receiver = Receiver::start().await;
    let stack = Stack::builder().aggregators(2).backgrounds(2);
    let stack = stack.env("MILESTONES", MILESTONES.map(|milestone| milestone.to_string()).join(","));
    let stack = stack.env("ARCHIVE_AFTER", "0s").env("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8").start().await;
    let stack = Arc::new(stack);
    let polls: Arc<[(PollView, AtomicI64)]> = polls(&stack, &receiver.url()).await.into();

    let allowed = Arc::new(Semaphore::new(0));
    let mut voters = JoinSet::new();
    let turn = Arc::new(AtomicUsize::new(0));
    for _ in 0..VOTERS {
        voters.spawn(vote(stack.clone(), polls.clone(), allowed.clone(), turn.clone()));
    }
    for _ in 0..KILLS {
        allowed.add_permits(VOTES_A_KILL);
        tokio::time::sleep(Duration::from_millis(random() % MAX_DELAY_MS)).await;
        stack.backgrounds()[random() as usize % 2].restart().await;
    }
    allowed.add_permits(Semaphore::MAX_PERMITS / 2);
    voters.join_all().await;

    assert_all_recorded(&stack).await;
    assert_all_received(&receiver).await;
    for (poll, accepted) in polls.iter() {
        assert_archived(&stack, poll, accepted.load(Ordering::Relaxed)).await;
    }
}

/// Polls with a webhook each.
async fn polls(stack: &Stack, url: &str) -> Vec<(PollView, AtomicI64)> {
    let mut polls = Vec::with_capacity(POLLS);
    for _ in 0..POLLS {
        let poll = stack.create_poll(&lunch()).await;
        let manage_token = poll.manage_token.as_deref().unwrap();
        let headers = [("content-type", "application/json"), ("x-manage-token", manage_token)];
        let path = format!("/api/v1/polls/{}/webhooks", poll.poll_id);
        let made = stack.request(Method::POST, &path, &headers, &json!({"url": url}).to_string()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        polls.push((poll, AtomicI64::new(0)));
    }
    polls
}

/// Votes on the polls in turn, as often as allowed, until all are closed; counts what is accepted.
async fn vote(
    stack: Arc<Stack>,
    polls: Arc<[(PollView, AtomicI64)]>,
    allowed: Arc<Semaphore>,
    turn: Arc<AtomicUsize>,
) {
    let mut client = stack.client(0);
    let mut closed = BTreeSet::new();
    while closed.len() < POLLS {
        let turn = turn.fetch_add(1, Ordering::Relaxed) % POLLS;
        let (poll, accepted) = &polls[turn];
        if closed.contains(&turn) {
            continue;
        }
        allowed.acquire().await.unwrap().forget();
        let reply = cast(&mut client, poll, &token(), None, poll.ballot(0, turn % 2)).await;
        match reply.status.as_u16() {
            202 if accepted.fetch_add(1, Ordering::Relaxed) + 1 == CLOSED_AFTER => {
                assert_eq!(stack.close(poll).await.status, 200);
            }
            202 => {}
            409 => drop(closed.insert(turn)),
            _ => panic!("{}", reply.text()),
        }
    }
}

async fn assert_all_recorded(stack: &Stack) {
    let database = stack.database().connect().await;
    let count = async |of: &str| -> i64 {
        database.query_one(&format!("SELECT count(*) FROM {of}"), &[]).await.unwrap().get(0)
    };
    wait_until("every poll is archived", SETTLED, async || {
        (count("archives").await == POLLS as i64).then_some(())
    })
    .await;
    wait_until("everything is delivered", SETTLED, async || {
        let recorded = count("milestones WHERE recorded_at IS NOT NULL").await;
        let waiting = count("deliveries WHERE delivered_at IS NULL").await;
        (recorded == (POLLS * MILESTONES.len()) as i64 && waiting == 0).then_some(())
    })
    .await;
    let milestones = count("notifications WHERE type = 'milestone'").await;
    assert_eq!(milestones, (POLLS * MILESTONES.len()) as i64);
    assert_eq!(count("notifications WHERE type = 'poll_closed'").await, POLLS as i64);
    let dead: Value = stack.run(&["dead-letters", "list", "--json"]).await.succeeded().json();
    assert_eq!(dead["dead_letters"], json!([]));
}

/// Every milestone and closing came, and nothing but a copy of it ever came again.
async fn assert_all_received(receiver: &Receiver) {
    let mut by_id = BTreeMap::new();
    for hook in receiver.received() {
        let raw = by_id.entry(hook.id).or_insert_with(|| hook.raw.clone());
        assert_eq!(*raw, hook.raw, "the same id, the same bytes");
    }
    let bodies = by_id.values().map(|raw| serde_json::from_slice::<Value>(raw).unwrap());
    let mut told: Vec<(String, String, i64)> = bodies
        .map(|body| {
            let data = &body["data"];
            let threshold = data["threshold"].as_i64().unwrap_or(0);
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&body["type"]), text(&data["poll_id"]), threshold)
        })
        .collect();
    let of_kind = |kind: &str| told.iter().filter(|(told, ..)| told == kind).count();
    assert_eq!(of_kind("milestone"), POLLS * MILESTONES.len());
    assert_eq!(of_kind("poll_closed"), POLLS);
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), POLLS * (MILESTONES.len() + 1), "each under one id");
}

/// The archive holds every vote that was accepted before the close, and no other.
async fn assert_archived(stack: &Stack, poll: &PollView, accepted: i64) {
    let poll_id = poll.poll_id.to_string();
    stack.run(&["verify-archive", "--poll", &poll_id]).await.succeeded();
    let database = stack.database().connect().await;
    let rows = "SELECT a.rows FROM archives a JOIN polls p ON p.id = a.poll WHERE p.poll_id = $1";
    let rows: i64 = database.query_one(rows, &[&poll.poll_id]).await.unwrap().get(0);
    assert_eq!(rows, accepted);
    assert_eq!(stack.assert_exact(poll).await.total, accepted);
}

/// A number that nobody foresees.
fn random() -> u64 {
    uuid::Uuid::new_v4().as_u128() as u64
}
