//! One limiter, and several that share, on a clock that the tests move.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1000 * MILLISECOND;
const WINDOW: Duration = Duration::from_secs(60);
const KEY: u64 = 7;

fn limiter(quota: u32) -> Limiter {
    let definition = Definition { name: "test", quota, window: WINDOW, is_logged: true };
    Limiter::new(definition, Counter::default()).unwrap()
}

/// Whether a request is let through.
fn ask(limiter: &Limiter, key: u64, now: u64) -> bool {
    let mut held = limiter.hold();
    if limiter.wait(&held, key, now).is_some() {
        limiter.refuse(&mut held, key, now);
        return false;
    }
    limiter.consume(&mut held, key, now);
    true
}

/// What `add.lua` keeps, and does.
#[derive(Default)]
struct Store(HashMap<u64, u64>);

impl Store {
    fn add(&mut self, usage: &Usage, now: u64) -> Duration {
        let alone = now + nanoseconds(usage.alone);
        let stored = self.0.get(&usage.who).filter(|&&arrival| arrival + nanoseconds(WINDOW) > now);
        let arrival = stored.map_or(alone, |stored| alone.max(stored + nanoseconds(usage.cost)));
        self.0.insert(usage.who, arrival);
        Duration::from_nanos(arrival - now)
    }

    /// Shares once what a limiter queued; its own clock is `ahead` of Redis's.
    fn share(&mut self, limiter: &Limiter, now: u64, ahead: u64) {
        for usage in limiter.take(usize::MAX, now + ahead) {
            let debt = self.add(&usage, now);
            limiter.learn(usage.who, debt, now + ahead);
        }
    }
}

/// Sends a request to each of `gateways` every `gap`, over `span`; returns how many were sent, and let through.
fn send(quota: u32, gateways: u64, gap: u64, span: u64) -> (u64, u64) {
    let limiters: Vec<Limiter> = (0..gateways).map(|_| limiter(quota)).collect();
    let mut store = Store::default();
    let (mut sent, mut passed, mut asked_at) = (0, 0, 0);
    for now in (0..span).step_by(MILLISECOND as usize) {
        let asks = now >= asked_at;
        for (number, limiter) in (0..).zip(&limiters) {
            let ahead = number * 3600 * SECOND;
            sent += u64::from(asks);
            passed += u64::from(asks && ask(limiter, KEY, now + ahead));
            if (now + number * 30 * MILLISECOND).is_multiple_of(100 * MILLISECOND) {
                store.share(limiter, now, ahead);
            }
        }
        asked_at += if asks { gap } else { 0 };
    }
    (sent, passed)
}

#[test]
fn gateways_that_share_let_through_what_one_would_within_a_tenth() {
    for quota in [10, 60, 600, 6000] {
        for gateways in [1, 2, 3] {
            let interval = limiter(quota).gcra.interval();
            // A flood, and the highest steady rate that each alone would let through for ever.
            for (gap, span) in [(2 * MILLISECOND, 120 * SECOND), (interval, 600 * SECOND)] {
                let one = u64::from(quota) + span / interval;
                let (sent, passed) = send(quota, gateways, gap, span);
                // Below the limit, all is let through.
                let expected = one.min(sent);
                let tenth = expected / 10;
                assert!(
                    (expected - tenth..=expected + tenth).contains(&passed),
                    "{quota} a minute, {gateways} gateways, one in {gap} ns: {passed}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn a_rate_below_the_limit_is_never_refused_on_two_gateways() {
    for quota in [10, 60, 600] {
        // Nine tenths of the limit, half of them on each gateway.
        let gap = 2 * limiter(quota).gcra.interval() * 10 / 9;
        let (sent, passed) = send(quota, 2, gap, 600 * SECOND);
        assert_eq!(passed, sent, "{quota} a minute");
    }
}

proptest! {
    #[test]
    fn sharing_changes_nothing_for_one_gateway(
        steps in prop::collection::vec((0..3 * SECOND, prop::bool::ANY), 1..300)
    ) {
        let (sharing, alone) = (limiter(30), limiter(30));
        let mut store = Store::default();
        let mut now = 0;
        for (gap, shares) in steps {
            now += gap;
            prop_assert_eq!(ask(&sharing, KEY, now), ask(&alone, KEY, now), "at {}", now);
            if shares {
                store.share(&sharing, now, 0);
            }
        }
    }
}

#[test]
fn a_key_is_shared_from_a_tenth_of_its_burst_on() {
    let limiter = limiter(60);
    for request in 1..=6 {
        assert_eq!(limiter.queued(), 0, "before request {request}");
        assert!(ask(&limiter, KEY, 0));
    }
    assert_eq!(limiter.queued(), 1);
    assert!(ask(&limiter, KEY, SECOND));
    let usages = limiter.take(10, 2 * SECOND);
    let usage = Usage { who: KEY, cost: Duration::from_secs(7), alone: Duration::from_secs(5) };
    assert_eq!((usages, limiter.queued()), (vec![usage], 0));

    // Told once. Then it starts anew, but for one who owes a tenth anyway.
    assert_eq!(limiter.take(10, 2 * SECOND), []);
    limiter.learn(KEY, Duration::from_secs(5), 2 * SECOND);
    assert!(ask(&limiter, KEY, 2 * SECOND));
    assert_eq!(limiter.queued(), 1);
}

#[test]
fn what_others_let_through_counts_here_on_top_of_what_was_let_through_meanwhile() {
    let limiter = limiter(60);
    (0..6).for_each(|_| assert!(ask(&limiter, KEY, 0)));
    assert_eq!(limiter.take(10, 0).len(), 1);
    (0..4).for_each(|_| assert!(ask(&limiter, KEY, 0)));
    limiter.learn(KEY, Duration::from_secs(50), 0);
    // 60 - 50 - 4 are left.
    (0..6).for_each(|_| assert!(ask(&limiter, KEY, 0)));
    assert!(!ask(&limiter, KEY, 0));

    // Older or smaller debts forgive nothing.
    limiter.learn(KEY, Duration::from_secs(1), 0);
    assert!(!ask(&limiter, KEY, 0));
    assert!(ask(&limiter, KEY, SECOND));
    assert!(!ask(&limiter, KEY, SECOND));
}

#[test]
fn what_could_not_be_shared_is_bounded_and_forgotten_once_it_refilled() {
    let limiter = limiter(60);
    for second in 0..3600 {
        for _ in 0..60 {
            ask(&limiter, KEY, second * SECOND);
        }
    }
    assert_eq!(limiter.queued(), 1);
    assert_eq!(limiter.hold().table.get(KEY).unwrap().unshared, 60);
    assert_eq!(limiter.take(10, 3600 * SECOND)[0].cost, WINDOW);

    ask(&limiter, KEY, 3600 * SECOND);
    assert_eq!(limiter.take(10, 3800 * SECOND), []);
}

#[test]
fn half_a_million_addresses_take_no_more_memory_and_free_nobody() {
    // Every request of a quota of 5 is worth sharing.
    let limiter = limiter(5);
    (0..5).for_each(|_| assert!(ask(&limiter, KEY, 0)));
    let (table, queue) = {
        let held = limiter.hold();
        (size_of_val(&held.table), held.queue.capacity())
    };
    for number in 1..=500_000_u64 {
        // Spread like a hash (splitmix64's constant).
        assert!(ask(&limiter, number.wrapping_mul(0x9E37_79B9_7F4A_7C15), number * 1000));
    }
    let held = limiter.hold();
    assert_eq!((size_of_val(&held.table), held.queue.capacity()), (table, queue));
    assert_eq!(held.queue.len(), MAX_QUEUED);
    drop(held);
    assert!(!ask(&limiter, KEY, SECOND));
}

#[test]
fn a_key_that_found_the_queue_full_is_shared_later() {
    let limiter = limiter(5);
    for key in 1..=MAX_QUEUED as u64 + 1 {
        ask(&limiter, key, 0);
    }
    while limiter.queued() > 0 {
        assert!(limiter.take(500, 0).len() <= 500);
    }
    let last = MAX_QUEUED as u64 + 1;
    ask(&limiter, last, 0);
    let usages = limiter.take(500, 0);
    assert_eq!((usages[0].who, usages[0].cost), (last, 2 * WINDOW / 5));
}

#[test]
fn refusals_are_counted() {
    let limiter = limiter(1);
    assert!(ask(&limiter, KEY, 0));
    assert!(!ask(&limiter, KEY, 0) && !ask(&limiter, KEY, 0));
    assert_eq!(limiter.refused.get(), 2);
    assert_eq!(limiter.hold().table.get(KEY).unwrap().logged_in_minute, 1);
}
