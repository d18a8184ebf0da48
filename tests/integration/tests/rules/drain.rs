//! SIGTERM: what is in hand is finished, nothing is lost, nothing stays behind.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use pollster_integration::{Client, DEADLINE, PollView, Stack, cast, lunch, token, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Votes over several connections until told to stop; returns the number accepted.
async fn vote_until(stack: &Stack, poll: &PollView, stop: &AtomicBool, accepted: &AtomicUsize) {
    join_all((0..16).map(async |number: usize| {
        let mut client = stack.client(0);
        while !stop.load(Ordering::Relaxed) {
            let reply = cast(&mut client, poll, &token(), None, poll.ballot(0, number % 2)).await;
            assert_eq!(reply.status, 202, "{}", reply.text());
            accepted.fetch_add(1, Ordering::Relaxed);
        }
    }))
    .await;
}

async fn more_than(count: usize, accepted: &AtomicUsize) {
    wait_until("votes come in", DEADLINE, async || (accepted.load(Ordering::Relaxed) > count).then_some(()))
        .await;
}

#[tokio::test]
async fn an_aggregator_leaves_nothing_pending_and_no_consumer_behind() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (stop, accepted) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ending = async {
        for round in 1..=3 {
            more_than(accepted.load(Ordering::Relaxed) + 100, &accepted).await;
            let exit = stack.aggregator(0).terminate().await;
            assert!(exit.success(), "round {round}: {exit}");
            assert_eq!((stack.pending().await, stack.consumers().await), (0, vec![]), "round {round}");
            // Votes go on meanwhile, and wait.
            more_than(accepted.load(Ordering::Relaxed) + 20, &accepted).await;
            assert!(stack.waiting().await > 0);
            stack.aggregator(0).restart().await;
        }
        stop.store(true, Ordering::Relaxed);
    };
    tokio::join!(vote_until(&stack, &poll, &stop, &accepted), ending);
    assert_eq!(stack.assert_exact(&poll).await.total as usize, accepted.load(Ordering::Relaxed));
    assert_eq!(stack.aggregator(0).metric("pollster_responses_duplicate_total").await, 0.0);
}

#[tokio::test]
async fn of_two_aggregators_the_other_goes_on() {
    let stack = Stack::builder().aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (stop, accepted) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ending = async {
        more_than(100, &accepted).await;
        let names = async || {
            let mut names: Vec<_> = stack.consumers().await.into_iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        assert_eq!(names().await.len(), 2);
        assert!(stack.aggregator(0).terminate().await.success());
        assert_eq!(names().await.len(), 1);
        more_than(accepted.load(Ordering::Relaxed) + 100, &accepted).await;
        stop.store(true, Ordering::Relaxed);
    };
    tokio::join!(vote_until(&stack, &poll, &stop, &accepted), ending);
    assert_eq!(stack.assert_exact(&poll).await.total as usize, accepted.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_gateway_finishes_the_request_in_hand_and_takes_no_other() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let gateway = stack.gateway(0);
    let mut idle = Client::connect(gateway.address()).await.unwrap();
    idle.get("/livez").await.unwrap();
    // The gateway asks for the body once it has the request in hand; half of it has come at the signal.
    let body = poll.ballot(0, 0);
    let (first, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nx-voter-token: {}\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        poll.votes_path(),
        token(),
        body.len()
    );
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first).await.unwrap();
    gateway.ask_to_end().await;

    wait_until("no new connection is taken", DEADLINE, async || {
        TcpStream::connect(gateway.address()).await.is_err().then_some(())
    })
    .await;
    let ready = Client::new(gateway.admin()).get("/readyz").await.unwrap();
    assert_eq!(ready.status, 503, "it says that it drains");
    assert!(ready.text().contains("draining"), "{}", ready.text());

    stream.write_all(rest).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(gateway.ended().await.success());
    gateway.restart().await;
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn every_program_ends_at_sigterm_when_idle() {
    let stack = Stack::start().await;
    for service in [stack.gateway(0), stack.aggregator(0), stack.background()] {
        let exit = service.terminate().await;
        assert!(exit.success(), "{exit}: {}", service.log_tail());
    }
}
