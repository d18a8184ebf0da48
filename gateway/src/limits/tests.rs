//! Limits together: what counts where.

use hyper::header::HeaderValue;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn group<const N: usize>(limits: [(&'static str, u32, Duration); N]) -> Group<N> {
    let definition = |(name, quota, window)| Definition { name, quota, window, is_logged: false };
    Group::new(limits.map(definition), &Metrics::default())
}

fn limits(config: LimitConfig) -> Limits {
    Limits::new(&config, HashSecret::new("a secret"), &Metrics::default())
}

fn off() -> LimitConfig {
    LimitConfig {
        votes_per_minute: 0,
        votes_per_5_minutes: 0,
        votes_per_minute_per_address: 0,
        polls_per_hour: 0,
        logins_per_minute: 0,
    }
}

fn standing(answer: Result<Budget, ApiError>) -> (bool, Standing) {
    match answer {
        Ok(Budget(standing)) => (true, standing.unwrap()),
        Err(ApiError::RateLimited(standing)) => (false, *standing),
        Err(error) => panic!("{error:?}"),
    }
}

/// How many are let through until one is refused.
fn until_refused(mut ask: impl FnMut() -> Result<Budget, ApiError>) -> usize {
    (0..1000).take_while(|_| ask().is_ok()).count()
}

fn address(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

#[test]
fn a_request_refused_by_one_limit_consumes_nothing_in_the_others() {
    let group = group([("voter", 2, MINUTE), ("voter-5m", 0, 5 * MINUTE), ("address", 4, MINUTE)]);
    let ask = |voter| group.admit([Some(voter), Some(voter), Some(1)], 0).is_ok();
    assert!(ask(1) && ask(1));
    assert!((0..100).all(|_| !ask(1)));
    assert!(ask(2) && ask(2));
    // Refused by the address: the voter keeps what is theirs.
    assert!((0..100).all(|_| !ask(3)));
    assert!(group.admit([Some(3), Some(3), Some(2)], 0).is_ok());
    assert!(group.admit([Some(3), Some(3), Some(2)], 0).is_ok());
}

#[test]
fn an_answer_names_all_limits_that_are_on_and_the_tightest() {
    let group = group([("voter", 3, MINUTE), ("off", 0, HOUR), ("address", 2, MINUTE), ("none", 1, HOUR)]);
    let policy = "\"voter\";q=3;w=60, \"address\";q=2;w=60, \"none\";q=1;w=3600";
    let ask = |voter, now| standing(group.admit([Some(voter), Some(1), Some(1), None], now));
    let expected = |name, remaining, next| Standing {
        policy: HeaderValue::from_static(policy),
        name,
        remaining,
        next: Duration::from_secs(next),
    };
    assert_eq!(ask(1, 0), (true, expected("address", 1, 30)));
    assert_eq!(ask(1, 10 * SECOND), (true, expected("address", 0, 20)));
    assert_eq!(ask(1, 10 * SECOND), (false, expected("address", 0, 20)));
    assert_eq!(ask(1, 30 * SECOND), (true, expected("address", 0, 30)));
}

#[test]
fn who_is_refused_by_several_limits_is_told_the_longest_wait() {
    let group = group([("hour", 1, HOUR), ("minute", 1, MINUTE)]);
    assert!(group.admit([Some(1), Some(1)], 0).is_ok());
    let (passed, standing) = standing(group.admit([Some(1), Some(1)], 0));
    assert_eq!((passed, standing.name, standing.next), (false, "hour", HOUR));
}

#[test]
fn voters_and_addresses_are_limited_apart() {
    let limits = limits(LimitConfig { votes_per_minute: 3, votes_per_minute_per_address: 5, ..off() });
    let (one, other) = (Voter([1; 16]), Voter([2; 16]));
    assert_eq!(until_refused(|| limits.vote(one, address(1))), 3);
    assert_eq!(until_refused(|| limits.vote(other, address(1))), 2);
    assert_eq!(until_refused(|| limits.vote(other, address(2))), 1);
    assert!(limits.vote(one, address(2)).is_err());
}

#[test]
fn the_window_of_five_minutes_limits_too() {
    let limits = limits(LimitConfig { votes_per_minute: 60, votes_per_5_minutes: 20, ..off() });
    assert_eq!(until_refused(|| limits.vote(Voter([1; 16]), address(1))), 20);
    let (_, standing) = standing(limits.vote(Voter([1; 16]), address(1)));
    assert_eq!(standing.name, "voter-5m");
}

#[test]
fn polls_are_limited_an_account_or_else_an_address() {
    let limits = limits(LimitConfig { polls_per_hour: 5, ..off() });
    assert_eq!(until_refused(|| limits.poll(Who::Account("a"))), 5);
    assert_eq!(until_refused(|| limits.poll(Who::Account("b"))), 5);
    assert_eq!(until_refused(|| limits.poll(Who::Address(address(1)))), 5);
    let (passed, standing) = standing(limits.poll(Who::Account("a")));
    assert!(!passed && (700..=720).contains(&standing.retry_after()), "{standing:?}");
}

#[test]
fn logins_are_limited_an_address_and_an_account_however_it_is_written() {
    let limits = limits(LimitConfig { logins_per_minute: 10, ..off() });
    assert_eq!(until_refused(|| limits.login(address(1), Some("ann@example.com"))), 10);
    assert!(limits.login(address(1), Some("ben@example.com")).is_err());
    assert!(limits.login(address(1), None).is_err());
    assert!(limits.login(address(2), Some(" Ann@Example.COM")).is_err());
    assert_eq!(until_refused(|| limits.login(address(2), Some("ben@example.com"))), 10);
}

#[test]
fn without_limits_nothing_is_refused_and_nothing_said() {
    let limits = limits(off());
    for _ in 0..1000 {
        assert!(matches!(limits.vote(Voter([1; 16]), address(1)), Ok(Budget(None))));
        assert!(matches!(limits.poll(Who::Address(address(1))), Ok(Budget(None))));
        assert!(matches!(limits.login(address(1), Some("ann")), Ok(Budget(None))));
    }
    assert_eq!(limits.limiters().count(), 0);
}

#[test]
fn one_key_is_the_same_on_all_gateways_and_another_under_another_secret() {
    let one = limits(off());
    let key = |limits: &Limits| limits.address("rate of polls, address", address(1));
    assert_eq!(key(&one), key(&limits(off())));
    assert_ne!(key(&one), one.address("rate of votes, address", address(1)));
    let other = Limits::new(&off(), HashSecret::new("another"), &Metrics::default());
    assert_ne!(key(&one), key(&other));
}

#[test]
fn nothing_of_a_key_prints() {
    let limits = limits(LimitConfig { votes_per_minute: 3, ..off() });
    assert!(limits.vote(Voter([0xab; 16]), address(1)).is_ok());
    let printed = format!("{limits:?}");
    assert!(
        !printed.contains("abab") && !printed.contains(&0xabab_abab_abab_abab_u64.to_string()),
        "{printed}"
    );
}
