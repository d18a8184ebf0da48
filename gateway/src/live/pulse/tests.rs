use std::iter::repeat_with;

use tokio::time::{advance, timeout};

use super::super::samples::rung;
use super::*;

const CONNECTIONS: usize = 1000;

/// A pulse that beats, and what ends it.
struct Running {
    pulse: Arc<Pulse>,
    shutdown: Shutdown,
    ended: Shutdown,
}

/// Starts a pulse for so many connections, who go within `at_most` in the end.
async fn run(connections: usize, at_most: Duration) -> (Running, Vec<Arc<Bell>>, Vec<Beating>) {
    let (pulse, shutdown, ended) = (Arc::new(Pulse::default()), Shutdown::new(), Shutdown::new());
    let bells: Vec<Arc<Bell>> = repeat_with(Arc::default).take(connections).collect();
    let beating = bells.iter().map(|bell| pulse.join(bell.clone())).collect();
    tokio::spawn(pulse.clone().run(shutdown.clone(), at_most, ended.clone()));
    // The first beat is at once; we look in the middle between two.
    sleep_until(Instant::now() + TICK / 2).await;
    (Running { pulse, shutdown, ended }, bells, beating)
}

/// The numbers of those that were rung for `reason` since they were looked at last.
fn called(bells: &[Arc<Bell>], reason: Call) -> Vec<usize> {
    let calls = bells.iter().enumerate().filter_map(|(number, bell)| Some((number, rung(bell)?)));
    calls.filter(|(_, call)| call.is(reason)).map(|(number, _)| number).collect()
}

#[tokio::test(start_paused = true)]
async fn each_is_pinged_once_a_round_and_no_moment_has_more_than_its_share() {
    let (_running, bells, _beating) = run(CONNECTIONS, PING_EVERY).await;
    for round in 0..3 {
        let mut pinged = vec![0; CONNECTIONS];
        for tick in 0..SLOTS {
            let now = called(&bells, Call::PING);
            assert!(now.len() <= CONNECTIONS / SLOTS, "{} in tick {tick} of round {round}", now.len());
            now.into_iter().for_each(|number| pinged[number] += 1);
            sleep_until(Instant::now() + TICK).await;
        }
        assert!(pinged.iter().all(|&pings| pings == 1), "round {round}: {pinged:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_due_ten_seconds_after_each_ping_though_ticks_are_late() {
    let (_running, bells, _beating) = run(SLOTS, PING_EVERY).await;
    let mut asked = vec![None; bells.len()];
    let mut answers = 0;
    for tick in 0..3 * SLOTS {
        for (bell, asked) in bells.iter().zip(&mut asked) {
            let Some(call) = rung(bell) else { continue };
            if call.is(Call::PONG_DUE)
                && let Some(since) = asked.take()
            {
                let within = Instant::now() - since;
                assert!(within >= PONG_WITHIN - TICK, "due after {within:?}, in tick {tick}");
                answers += 1;
            }
            if call.is(Call::PING) {
                *asked = Some(Instant::now());
            }
        }
        // The whole process stood still meanwhile.
        let stall = if tick % 100 == 99 { Duration::from_secs(7) } else { Duration::ZERO };
        advance(stall).await;
        sleep_until(Instant::now() + TICK).await;
    }
    assert!(answers > SLOTS, "{answers} answers were due");
}

#[tokio::test(start_paused = true)]
async fn without_delays_the_answer_is_due_after_exactly_ten_seconds() {
    let (_running, bells, _beating) = run(1, PING_EVERY).await;
    let mut moments = Vec::new();
    for tick in 0..2 * SLOTS {
        moments.extend(rung(&bells[0]).map(|call| (tick, call)));
        sleep_until(Instant::now() + TICK).await;
    }
    let pinged = |moment: &&(usize, Call)| moment.1.is(Call::PING);
    let pings: Vec<usize> = moments.iter().filter(pinged).map(|moment| moment.0).collect();
    let first = pings[0];
    assert!(moments.contains(&(first + PONG_TICKS, Call::PONG_DUE)), "{moments:?}");
    assert_eq!(pings, [first, first + SLOTS]);
}

#[tokio::test(start_paused = true)]
async fn all_are_sent_away_spread_over_the_time_that_their_number_takes() {
    const STEP: Duration = Duration::from_millis(10);
    let wanted = Duration::from_millis(500);
    let (running, bells, _beating) = run(CONNECTIONS, PING_EVERY).await;
    called(&bells, Call::LEAVE);
    running.shutdown.cancel();
    let mut left = 0;
    for _ in 0..wanted.as_millis() / STEP.as_millis() {
        sleep_until(Instant::now() + STEP).await;
        let leaving = called(&bells, Call::LEAVE).len();
        assert!(leaving <= CONNECTIONS / 20, "{leaving} at once");
        left += leaving;
    }
    assert_eq!(left, CONNECTIONS);
}

#[tokio::test(start_paused = true)]
async fn sending_away_takes_no_longer_than_it_may() {
    for at_most in [Duration::ZERO, Duration::from_millis(100), Duration::from_secs(1)] {
        let (running, bells, _beating) = run(20_000, at_most).await;
        running.shutdown.cancel();
        sleep_until(Instant::now() + at_most + TICK / 10).await;
        assert_eq!(called(&bells, Call::LEAVE).len(), bells.len(), "{at_most:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_while_others_are_sent_away_goes_at_once() {
    let (running, bells, _beating) = run(CONNECTIONS, PING_EVERY).await;
    running.shutdown.cancel();
    sleep_until(Instant::now() + Duration::from_millis(100)).await;
    let gone = called(&bells, Call::LEAVE).len();
    assert!(gone > 0 && gone < CONNECTIONS, "{gone} of {CONNECTIONS}");
    let newcomers: Vec<Arc<Bell>> = repeat_with(Arc::default).take(SLOTS).collect();
    let _beating: Vec<Beating> = newcomers.iter().map(|bell| running.pulse.join(bell.clone())).collect();
    assert_eq!(called(&newcomers, Call::LEAVE).len(), SLOTS);
}

#[tokio::test(start_paused = true)]
async fn the_drain_waits_for_the_last_to_leave() {
    let (running, _bells, mut beating) = run(3, PING_EVERY).await;
    let drained = async || timeout(PING_EVERY, running.pulse.drained()).await.is_ok();
    while let Some(connection) = beating.pop() {
        assert!(!drained().await, "{} are left", beating.len() + 1);
        drop(connection);
    }
    assert!(drained().await);
}

#[tokio::test(start_paused = true)]
async fn who_left_is_not_rung_and_the_pulse_ends_when_told() {
    let (running, bells, mut beating) = run(2, PING_EVERY).await;
    beating.pop();
    sleep_until(Instant::now() + 2 * PING_EVERY).await;
    assert!(rung(&bells[0]).is_some() && rung(&bells[1]).is_none());
    running.ended.cancel();
    sleep_until(Instant::now() + TICK).await;
    rung(&bells[0]);
    sleep_until(Instant::now() + 2 * PING_EVERY).await;
    assert_eq!(rung(&bells[0]), None);
}
