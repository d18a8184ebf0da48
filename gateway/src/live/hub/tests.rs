use std::future::poll_fn;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::super::samples::{counts, final_counts, published, rung, unreadable};
use super::*;

const INTERVAL: Duration = Duration::from_millis(50);
/// As exactly as tokio's timers go off.
const INSTANT: Duration = Duration::from_millis(2);

fn hub() -> (Arc<Hub>, UnboundedReceiver<Command>) {
    let (feed, commands) = mpsc::unbounded_channel();
    (Arc::new(Hub::new(feed, INTERVAL)), commands)
}

fn told(commands: &mut UnboundedReceiver<Command>) -> Vec<Command> {
    std::iter::from_fn(|| commands.try_recv().ok()).collect()
}

fn join(hub: &Arc<Hub>, poll_id: Uuid) -> Place {
    hub.join(poll_id, Arc::default())
}

fn version(place: &Place) -> Option<i64> {
    place.watch.released().map(|update| update.version)
}

/// Offers a new version each `pause`, from 1 on, as many as asked.
async fn offer_on_and_on(hub: Arc<Hub>, poll_id: Uuid, pause: Duration, offers: i64) {
    for version in 1..=offers {
        hub.offer_published(poll_id, published(poll_id, version));
        sleep(pause).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_is_released_at_once_then_the_newest_at_most_every_interval() {
    const PAUSE: Duration = Duration::from_millis(7);
    let ((hub, _commands), poll_id, bell) = (hub(), Uuid::now_v7(), Arc::new(Bell::default()));
    let place = hub.join(poll_id, bell.clone());
    let start = Instant::now();
    tokio::spawn(offer_on_and_on(hub, poll_id, PAUSE, 100));
    let mut releases = Vec::new();
    while version(&place) != Some(100) {
        poll_fn(|cx| bell.poll_rung(cx)).await;
        let (released, offered) = (version(&place).unwrap(), place.watch.version().unwrap());
        // One may have been offered in the same moment.
        assert!(offered - released <= 1, "{released} of {offered}");
        releases.push((start.elapsed(), released));
    }
    assert!(releases[0].0 < INSTANT && releases[0].1 == 1, "{:?}", releases[0]);
    assert!(releases.is_sorted_by(|one, next| next.0 - one.0 >= INTERVAL), "{releases:?}");
    assert!(releases.is_sorted_by(|one, next| next.0 - one.0 < INTERVAL + PAUSE + INSTANT), "{releases:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_quiet_time_the_next_is_released_at_once_again() {
    let ((hub, _commands), poll_id) = (hub(), Uuid::now_v7());
    let place = join(&hub, poll_id);
    for next in 1..4 {
        hub.offer(counts(poll_id, next));
        sleep(INSTANT).await;
        assert_eq!(version(&place), Some(next));
        sleep(INTERVAL).await;
    }
}

#[tokio::test(start_paused = true)]
async fn messages_that_can_not_be_read_end_no_watch() {
    let ((hub, _commands), poll_id) = (hub(), Uuid::now_v7());
    let place = join(&hub, poll_id);
    hub.offer_published(poll_id, unreadable(poll_id, 4));
    hub.offer_published(poll_id, "gibberish".into());
    sleep(INTERVAL).await;
    assert_eq!(version(&place), None);
    hub.offer_published(poll_id, published(poll_id, 4));
    sleep(INSTANT).await;
    assert_eq!(version(&place), Some(4));
}

#[tokio::test(start_paused = true)]
async fn a_watch_lingers_after_its_last_viewer_and_the_feed_is_told_once() {
    let ((hub, mut commands), poll_id) = (hub(), Uuid::now_v7());
    let (first, second) = (join(&hub, poll_id), join(&hub, poll_id));
    assert_eq!((first.is_first, second.is_first), (true, false));
    drop(first);
    sleep(2 * LINGER).await;
    drop(second);
    sleep(LINGER - INSTANT).await;
    assert_eq!(
        (hub.watched(), told(&mut commands)),
        (vec![poll_id], vec![Command::Watch(Topic::Poll(poll_id))])
    );
    sleep(2 * INSTANT).await;
    assert_eq!(
        (hub.watched(), told(&mut commands)),
        (Vec::new(), vec![Command::Unwatch(Topic::Poll(poll_id))])
    );
    sleep(2 * LINGER).await;
    assert_eq!(told(&mut commands), []);
    // Who comes then is the first again.
    assert!(join(&hub, poll_id).is_first);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_within_the_linger_finds_the_watch_and_starts_the_linger_anew() {
    let ((hub, mut commands), poll_id) = (hub(), Uuid::now_v7());
    drop(join(&hub, poll_id));
    sleep(LINGER / 2).await;
    let back = join(&hub, poll_id);
    assert!(!back.is_first);
    sleep(2 * LINGER).await;
    drop(back);
    // Also a visit that the watch has no cause to notice.
    sleep(LINGER / 2).await;
    drop(join(&hub, poll_id));
    sleep(LINGER - INSTANT).await;
    assert_eq!(
        (hub.watched(), told(&mut commands)),
        (vec![poll_id], vec![Command::Watch(Topic::Poll(poll_id))])
    );
    sleep(2 * INSTANT).await;
    assert!(hub.watched().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_busy_poll_without_viewers_is_forgotten_all_the_same() {
    let ((hub, mut commands), poll_id) = (hub(), Uuid::now_v7());
    let place = join(&hub, poll_id);
    let offering = tokio::spawn(offer_on_and_on(hub.clone(), poll_id, Duration::from_millis(5), i64::MAX));
    sleep(LINGER).await;
    drop(place);
    sleep(LINGER + 2 * INTERVAL).await;
    assert!(hub.watched().is_empty());
    assert_eq!(
        told(&mut commands),
        [Command::Watch(Topic::Poll(poll_id)), Command::Unwatch(Topic::Poll(poll_id))]
    );
    assert!(!offering.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_final_poll_needs_no_feed_and_who_comes_later_still_gets_its_results() {
    let ((hub, mut commands), poll_id) = (hub(), Uuid::now_v7());
    let early = join(&hub, poll_id);
    hub.offer_published(poll_id, published(poll_id, 1));
    sleep(INTERVAL).await;
    assert_eq!(told(&mut commands), [Command::Watch(Topic::Poll(poll_id))]);
    hub.offer(final_counts(poll_id, 2));
    sleep(INSTANT).await;
    assert_eq!(
        (hub.watched(), told(&mut commands)),
        (vec![poll_id], vec![Command::Unwatch(Topic::Poll(poll_id))])
    );
    let late = join(&hub, poll_id);
    assert!(!late.is_first && late.watch.is_final());
    assert_eq!((version(&early), version(&late)), (Some(2), Some(2)));
    drop((early, late));
    sleep(2 * LINGER).await;
    assert!(hub.get(poll_id).is_none());
    assert_eq!(told(&mut commands), []);
}

#[tokio::test(start_paused = true)]
async fn others_get_their_turn_while_thousands_are_rung_and_who_joins_then_misses_nothing() {
    let ((hub, _commands), poll_id) = (hub(), Uuid::now_v7());
    let bells: Vec<Arc<Bell>> = std::iter::repeat_with(Arc::default).take(5000).collect();
    let _places: Vec<Place> = bells.iter().map(|bell| hub.join(poll_id, bell.clone())).collect();
    hub.offer(counts(poll_id, 1));
    let mut turns = 0;
    while rung(&bells[0]).is_none() {
        yield_now().await;
    }
    let joined = join(&hub, poll_id);
    assert_eq!(version(&joined), Some(1));
    while rung(&bells[4999]).is_none() {
        turns += 1;
        yield_now().await;
    }
    assert!(turns > 10, "{turns} turns");
    assert!(bells[1..4999].iter().all(|bell| rung(bell).is_some()));
}
