//! Load is shed by what is in hand: reads that wait are refused beyond a bound, votes get through all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hyper::{Method, StatusCode};
use pollster_integration::{
    DEADLINE, PollView, Reply, Stack, Viewer, assert_documented, lunch, token, wait_until,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Reads that a gateway has in hand at most.
const READS: usize = 1024;
/// Reads sent beyond that.
const MORE: usize = 50;
/// A read that waits for nothing.
const AT_HAND: &str = "/api/v1/openapi.json";
/// What is refused waits for nothing; those that were let in give up after five seconds.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Reads that wait for PostgreSQL, each over a connection of its own.
struct Reads {
    refused: Arc<AtomicUsize>,
    /// Each returns the answer of a read that was let in.
    tasks: JoinSet<Option<Reply>>,
}

impl Reads {
    fn start(stack: &Stack, number: usize) -> Self {
        let refused = Arc::<AtomicUsize>::default();
        let mut tasks = JoinSet::new();
        for _ in 0..number {
            let (mut client, refused) = (stack.client(0), refused.clone());
            tasks.spawn(async move {
                let path = format!("/api/v1/polls/{}", Uuid::new_v4());
                let reply = client.get(&path).await.ok()?;
                assert_documented(&Method::GET, &path, b"", &reply);
                if is_overloaded(&reply) {
                    refused.fetch_add(1, Ordering::Relaxed);
                    return None;
                }
                Some(reply)
            });
        }
        Self { refused, tasks }
    }

    fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Waits until so many are refused.
    async fn are_refused(&self, number: usize) {
        let what = format!("{number} reads are refused");
        wait_until(&what, DEADLINE, async || (self.refused() >= number).then_some(())).await;
    }
}

/// A gateway whose reads wait as long as the test likes, and a poll that it takes votes on.
async fn stack() -> (Stack, PollView) {
    let builder = Stack::builder().env("MAX_CONNECTIONS_PER_ADDRESS", 10 * READS).env("VOTE_SHARDS", 1);
    let stack = builder.without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    // The gateway knows the poll from here on, and the shard that it is open.
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    (stack, poll)
}

/// Makes whatever reads a poll wait, until the connection is dropped.
async fn hold_up(stack: &Stack) -> tokio_postgres::Client {
    let database = stack.database().connect().await;
    database.batch_execute("BEGIN; LOCK TABLE polls IN ACCESS EXCLUSIVE MODE").await.unwrap();
    database
}

/// Waits until the gateway has few connections left.
async fn has_heard_that_they_hung_up(stack: &Stack) {
    wait_until("the gateway has heard that they hung up", DEADLINE, async || {
        let open = stack.gateway(0).metric("pollster_process_open_fds").await;
        assert!(open > 0.0, "it is measured");
        (open < READS as f64 / 2.0).then_some(())
    })
    .await;
}

fn is_overloaded(reply: &Reply) -> bool {
    let is_overloaded = reply.code().as_deref() == Some("overloaded");
    if is_overloaded {
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.retry_after(), Some(Duration::from_secs(1)));
    }
    is_overloaded
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_beyond_the_bound_are_refused_at_once_and_votes_are_not() {
    let (stack, poll) = stack().await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.say(json!({"type": "subscribe", "poll_id": poll.poll_id, "voter_token": token()})).await;
    viewer.next("results").await;

    let lock = hold_up(&stack).await;
    let reads = Reads::start(&stack, READS + MORE);
    reads.are_refused(MORE).await;
    let since = Instant::now();
    assert!(is_overloaded(&stack.get(AT_HAND).await));
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());

    // Votes are taken over REST, and over the socket, also over one that is opened now.
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    let question = &poll.questions[0];
    viewer
        .say(json!({"type": "vote", "request_id": "key", "poll_id": poll.poll_id,
            "question_id": question.question_id, "choice_ids": [question.choices[1].choice_id]}))
        .await;
    viewer.next("vote_accepted").await;
    Viewer::connect(stack.gateway(0).address()).await.ping().await;
    assert_eq!(stack.get("/livez").await.status, StatusCode::OK);
    assert!(!is_overloaded(&stack.get("/readyz").await));

    assert_eq!(reads.refused(), MORE, "as many are in hand as may be");
    drop(lock);
    let answers = reads.tasks.join_all().await;
    assert_eq!(answers.iter().flatten().count(), READS, "who was let in is answered");
    assert_eq!(stack.get(AT_HAND).await.status, StatusCode::OK);
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
    let metrics = stack.gateway(0).metrics().await;
    let counted = "pollster_http_requests_total{route=\"/api/v1/polls/{poll}\",status=\"503\"} ";
    let counted = metrics.lines().find_map(|line| line.strip_prefix(counted)).unwrap();
    assert!(counted.parse::<usize>().unwrap() >= MORE, "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_leaves_its_place() {
    let (stack, _) = stack().await;
    let _lock = hold_up(&stack).await;
    let reads = Reads::start(&stack, READS + MORE);
    reads.are_refused(MORE).await;
    drop(reads);
    has_heard_that_they_hung_up(&stack).await;
    // Not one place is left behind: there are as many again. Those that are let in give up after a while.
    let reads = Reads::start(&stack, READS + MORE);
    let refused = reads.refused.clone();
    reads.tasks.join_all().await;
    assert!(refused.load(Ordering::Relaxed) <= MORE, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_are_slow_to_send_or_to_read_take_no_place() {
    let (stack, poll) = stack().await;
    let gateway = stack.gateway(0).address();
    let slow = async |request: String, begins: &str| {
        let mut stream = TcpStream::connect(gateway).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut start = vec![0; begins.len()];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(String::from_utf8(start).unwrap(), begins);
        stream
    };
    // That it is to go on says that the gateway waits for the body.
    let body = json!({"email": "nobody@example.com", "password": "nobody's"}).to_string();
    let head = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let events = format!("GET /api/v1/polls/{}/events HTTP/1.1\r\nhost: localhost\r\n\r\n", poll.poll_id);
    let bodies = join_all((0..READS).map(|_| slow(head.clone(), "HTTP/1.1 100 Continue\r\n\r\n"))).await;
    let streams = join_all((0..READS).map(|_| slow(events.clone(), "HTTP/1.1 200 OK\r\n"))).await;
    assert_eq!(stack.get(AT_HAND).await.status, StatusCode::OK);
    assert_eq!(bodies.len() + streams.len(), 2 * READS);

    let mut late = slow(head, "HTTP/1.1 100 Continue\r\n\r\n").await;
    late.write_all(body.as_bytes()).await.unwrap();
    let mut answer = [0; 256];
    let read = late.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.contains("HTTP/1.1 401"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_goes_on_after_its_client_has_hung_up_keeps_its_place() {
    let (stack, _) = stack().await;
    let lock = hold_up(&stack).await;
    let mut makers = JoinSet::new();
    for _ in 0..READS {
        let mut client = stack.client(0);
        makers.spawn(async move { client.create_poll(&lunch()).await.is_ok() });
    }
    wait_until("all places are taken", DEADLINE, async || {
        is_overloaded(&stack.get(AT_HAND).await).then_some(())
    })
    .await;
    makers.shutdown().await;
    has_heard_that_they_hung_up(&stack).await;
    assert!(is_overloaded(&stack.get(AT_HAND).await));
    drop(lock);
    wait_until("there is room again", DEADLINE, async || {
        (!is_overloaded(&stack.get(AT_HAND).await)).then_some(())
    })
    .await;
}
