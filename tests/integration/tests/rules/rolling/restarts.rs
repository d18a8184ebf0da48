//! One program after the other is asked to end and started again, twice round, under a crowd.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use pollster_integration::{NginxServer, PollView, Service, Stack, lunch};
use serde_json::json;

use super::crowd::{Crowd, World};

/// Votes that come in between two steps.
const VOTES: usize = 60;
/// What counts may stand still for somebody whose gateway goes, on a busy machine.
const STANDSTILL: Duration = Duration::from_secs(2);
/// The same while one of two aggregators is restarted.
const STANDSTILL_OF_AGGREGATORS: Duration = Duration::from_secs(1);
/// What a close may take to be final while the background programs are restarted: another leads within seconds.
const FINAL_WITHIN: Duration = Duration::from_secs(15);

/// Asks it to end, which must be in order, and starts it again; the crowd goes on before, between and after.
async fn restart(service: &Service, crowd: &Crowd) {
    crowd.goes_on(VOTES).await;
    let exit = service.terminate().await;
    assert!(exit.success(), "{exit}: {}", service.log_tail());
    crowd.goes_on(VOTES).await;
    service.restart().await;
    crowd.goes_on(VOTES).await;
}

async fn assert_counts(stack: &Stack, poll: &PollView, expected: &[i64]) {
    let counts = stack.assert_exact(poll).await;
    for (choice, expected) in poll.questions[0].choices.iter().zip(expected) {
        assert_eq!(counts.results[&format!("choice:{}", choice.choice_id)], *expected);
    }
    assert_eq!(counts.total, expected.iter().sum::<i64>());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_notices_that_every_program_is_restarted() {
    let stack = Stack::builder().gateways(2).aggregators(2).backgrounds(2).env("DRAIN_DELAY", "5s");
    let stack = stack.start().await;
    let nginx = NginxServer::before(&stack).await;
    let mut changeable = lunch();
    changeable["settings"] = json!({"allow_vote_change": true});
    let world = World {
        proxy: nginx.address(),
        gateways: stack.gateways().iter().map(Service::address).collect(),
        poll: stack.create_poll(&lunch()).await,
        changeable: stack.create_poll(&changeable).await,
    };
    let crowd = Crowd::gather(&world);
    crowd.goes_on(VOTES).await;
    let (begun, mut counting) = (Instant::now(), Vec::new());
    for _ in 0..2 {
        for gateway in stack.gateways() {
            restart(gateway, &crowd).await;
        }
        let since = Instant::now();
        for aggregator in stack.aggregators() {
            restart(aggregator, &crowd).await;
        }
        counting.push((since, Instant::now()));
        for background in stack.backgrounds() {
            let closing = stack.create_poll(&lunch()).await;
            let asked = background.ask_to_end();
            let (closed, ()) = tokio::join!(stack.close(&closing), asked);
            assert_eq!(closed.status, 200);
            let since = Instant::now();
            stack.final_results(&closing).await;
            assert!(since.elapsed() < FINAL_WITHIN, "final after {:?}", since.elapsed());
            println!("final {:?} after a close while a background program ends", since.elapsed());
            assert!(background.ended().await.success());
            background.restart().await;
        }
    }
    let done = Instant::now();
    let (met, [votes, changing]) = crowd.ends().await;

    assert_counts(&stack, &world.poll, &votes).await;
    assert_counts(&stack, &world.changeable, &changing).await;
    assert_eq!(stack.pending().await, 0);
    for aggregator in stack.aggregators() {
        assert_eq!(aggregator.metric("pollster_dead_letters_total").await, 0.0);
    }
    let seen = met.sightings.lock().unwrap();
    for one in seen.iter() {
        one.assert_only_forward();
    }
    let standstill = |from, to| seen.iter().map(|one| one.longest_standstill(from, to)).max().unwrap();
    let over_all = standstill(begun, done);
    println!("counts stood still for {over_all:?} at most, reconnecting included");
    assert!(over_all < STANDSTILL, "{over_all:?}");
    for (from, to) in counting {
        let of_aggregators = standstill(from, to);
        println!("counts stood still for {of_aggregators:?} at most while aggregators were restarted");
        assert!(of_aggregators < STANDSTILL_OF_AGGREGATORS, "{of_aggregators:?}");
    }
    let codes = met.codes.lock().unwrap();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == Some(1001)), "{codes:?}");
    println!(
        "{} votes; {} connections refused, {} sockets closed, {} votes over them sent again",
        votes.iter().sum::<i64>(),
        met.refused.load(Ordering::Relaxed),
        codes.len(),
        met.sent_again.load(Ordering::Relaxed)
    );
}
