use uuid::Uuid;

use super::*;
use crate::bench::fan_out::message::Told;
use crate::bench::fan_out::voters::Vote;

/// A track of frames after so many milliseconds, of versions 1, 2, ….
fn track(start: Instant, after_ms: &[u64]) -> Track {
    let sightings = (1..).zip(after_ms).map(|(version, &after)| {
        let at = start + Duration::from_millis(after);
        Sighting { at, version }
    });
    Track { sightings: sightings.collect(), connections: 1 }
}

/// A crowd that was shown these votes of one marked choice, a version each.
fn seen(tracks: Vec<Track>, votes: &[u64]) -> Seen {
    let mark = Uuid::from_u128(1);
    let mut ledger = Ledger::new(&[mark]);
    for (version, &total_votes) in (1..).zip(votes) {
        let text = format!(r#"{{"results":{{"choice:{mark}":{total_votes}}}}}"#);
        ledger.note(Told { version, total_votes }, text.as_bytes()).unwrap();
    }
    Seen { tracks, ledger }
}

/// Votes of the first marked choice, due after so many milliseconds.
fn cast(start: Instant, due_ms: &[u64]) -> Cast {
    let vote =
        |&due| Vote { due: start + Duration::from_millis(due), choice: 1, accepted_after: Duration::ZERO };
    Cast { votes: due_ms.iter().map(vote).collect(), sent_again: 0 }
}

fn ms(durations: &[Duration]) -> Vec<u128> {
    durations.iter().map(Duration::as_millis).collect()
}

#[test]
fn the_busiest_second_may_begin_anywhere() {
    let start = Instant::now();
    let second = track(start, &[0, 900, 1000, 1400, 1899, 1900, 3000]);
    // 900 to 1899; 1900 is a second after the first of them.
    assert_eq!(second.most_in_a_second(), 4);
    assert_eq!(track(start, &[]).most_in_a_second(), 0);
    let even: Vec<u64> = (0..100).map(|frame| frame * 50).collect();
    assert_eq!(track(start, &even).most_in_a_second(), 20);
}

#[test]
fn a_marked_vote_is_seen_with_the_first_count_that_holds_it() {
    let start = Instant::now();
    let seen = seen(vec![track(start, &[10, 50, 90]), track(start, &[20, 60, 70])], &[0, 1, 3]);
    let cast = cast(start, &[5, 30, 65]);
    let all = start..start + Duration::from_secs(1);
    assert_eq!(ms(&seen.lags(&cast, &all).unwrap()), [45, 60, 25, 55, 40, 5]);
    let later = start + Duration::from_millis(30)..all.end;
    assert_eq!(ms(&seen.lags(&cast, &later).unwrap()), [60, 25, 40, 5]);
}

#[test]
fn a_marked_vote_that_nobody_saw_is_an_error() {
    let start = Instant::now();
    let seen = seen(vec![track(start, &[10, 50])], &[0, 1]);
    let lags = seen.lags(&cast(start, &[5, 30]), &(start..start));
    assert!(matches!(lags, Err(FanOutError::Unseen { seen: 1, votes: 2 })), "{lags:?}");
}

#[test]
fn each_viewer_must_end_with_the_right_counts() {
    let start = Instant::now();
    let seen = seen(vec![track(start, &[10, 50]), track(start, &[10])], &[3, 5]);
    let wrong = seen.check(5, 2, 1);
    assert!(matches!(wrong, Err(FanOutError::WrongCounts { shown: 3, version: 1, .. })), "{wrong:?}");
    let right = Seen { tracks: vec![seen.tracks[0].clone()], ..seen };
    right.check(5, 2, 1).unwrap();
    let error = right.check(5, 2, 2);
    assert!(matches!(error, Err(FanOutError::Connections { made: 1, expected: 2 })), "{error:?}");
    assert!(right.check(6, 2, 1).is_err() && right.check(5, 3, 1).is_err());
}

#[test]
fn votes_are_awaited_at_every_viewer() {
    let start = Instant::now();
    let seen = seen(vec![track(start, &[10, 50]), track(start, &[20, 30])], &[3, 5]);
    assert_eq!(ms(&seen.until_votes(start, 4)), [50, 30]);
    assert_eq!(ms(&seen.until_votes(start + Duration::from_millis(15), 3)), [0, 5]);
}
