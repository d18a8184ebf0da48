use proptest::prelude::*;
use tokio::runtime::Builder;

use super::super::samples::{counts, deleted_counts, final_counts, published, rung, unreadable};
use super::*;

fn watch() -> Watch {
    Watch::new(Uuid::now_v7())
}

fn released(watch: &Watch) -> Option<i64> {
    watch.released().map(|update| update.version)
}

/// Offers a version, as PostgreSQL or as Redis gives it.
fn offer(watch: &Watch, version: i64, is_published: bool) {
    watch.offer(if is_published {
        Offer::published(published(watch.poll_id, version)).unwrap()
    } else {
        Offer::Counts(counts(watch.poll_id, version))
    });
}

#[tokio::test]
async fn of_many_offers_only_the_newest_is_released_and_once() {
    let (watch, bell) = (watch(), Arc::new(Bell::default()));
    watch.join(bell.clone());
    for version in [3, 7, 5, 9, 8, 1] {
        offer(&watch, version, version % 2 == 0);
    }
    assert_eq!((released(&watch), watch.version()), (None, Some(9)));
    assert!(watch.release().await);
    assert_eq!((released(&watch), rung(&bell)), (Some(9), Some(Call::NEWS)));
    assert!(!watch.release().await);
    assert_eq!(rung(&bell), None);
}

proptest! {
    #[test]
    fn what_is_not_newer_is_never_released_whoever_says_it(
        steps in prop::collection::vec((0..20i64, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let (watch, bell) = (watch(), Arc::new(Bell::default()));
        watch.join(bell.clone());
        let (mut newest, mut told) = (-1, -1);
        let runtime = Builder::new_current_thread().build().unwrap();
        for (version, is_published, releases) in steps {
            offer(&watch, version, is_published);
            newest = newest.max(version);
            if releases {
                assert_eq!(runtime.block_on(watch.release()), newest > told);
                assert_eq!(rung(&bell).is_some(), newest > told);
                told = newest;
                assert_eq!(released(&watch), Some(told));
            }
        }
    }
}

#[tokio::test]
async fn what_can_not_be_read_changes_nothing_and_what_can_still_counts() {
    let (watch, bell) = (watch(), Arc::new(Bell::default()));
    watch.join(bell.clone());
    offer(&watch, 3, true);
    assert!(watch.release().await);
    rung(&bell);
    watch.offer(Offer::published(unreadable(watch.poll_id, 4)).unwrap());
    assert!(!watch.release().await);
    assert_eq!((released(&watch), rung(&bell)), (Some(3), None));
    offer(&watch, 4, true);
    assert!(watch.release().await);
    assert_eq!((released(&watch), rung(&bell)), (Some(4), Some(Call::NEWS)));
}

#[test]
fn a_message_without_a_version_is_no_offer() {
    for message in ["", "{}", "[]", r#"{"poll_id":"lunch"}"#, r#"{"version":"new"}"#] {
        assert!(Offer::published(message.into()).is_err(), "{message}");
    }
}

#[tokio::test]
async fn final_counts_are_known_as_such_once_they_are_released() {
    let watch = watch();
    offer(&watch, 1, true);
    watch.release().await;
    watch.offer(Offer::Counts(final_counts(watch.poll_id, 2)));
    assert!(!watch.is_final());
    watch.release().await;
    assert!(watch.is_final());
}

#[tokio::test(start_paused = true)]
async fn nobody_watches_since_the_last_viewer_left() {
    let watch = watch();
    let places = [watch.join(Arc::default()), watch.join(Arc::default())];
    watch.leave(places[0]);
    assert_eq!(watch.left(), None);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    watch.leave(places[1]);
    assert_eq!(watch.left(), Some(Instant::now()));
    watch.join(Arc::default());
    assert_eq!(watch.left(), None);
}

#[tokio::test]
async fn once_the_poll_is_deleted_nothing_else_is_told_of_it() {
    for is_known_by_counts in [true, false] {
        let (watch, bell) = (watch(), Arc::new(Bell::default()));
        watch.join(bell.clone());
        offer(&watch, 3, true);
        assert!(watch.release().await && !watch.is_deleted() && !watch.is_final());
        rung(&bell);
        watch.offer(match is_known_by_counts {
            true => Offer::Counts(deleted_counts(watch.poll_id, 4)),
            false => Offer::Deleted,
        });
        assert!(watch.release().await && watch.is_deleted() && watch.is_final());
        assert_eq!(rung(&bell), Some(Call::NEWS));
        offer(&watch, 5, true);
        assert!(!watch.release().await && watch.is_deleted());
        assert_eq!(rung(&bell), None);
    }
}

proptest! {
    #[test]
    fn whatever_is_published_viewers_are_told_counts_or_nothing(
        at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..4), cuts in 0..4usize,
    ) {
        let watch = watch();
        let mut message = published(watch.poll_id, 7).to_vec();
        let at = at.index(message.len());
        let end = message.len().min(at + cuts);
        message.splice(at..end, bytes);
        let said = serde_json::from_slice::<Counts>(&message).ok().filter(|counts| !counts.deleted);
        if let Ok(offer) = Offer::published(message.into()) {
            watch.offer(offer);
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(watch.release());
        }
        prop_assert_eq!(released(&watch), said.map(|counts| counts.version));
    }
}
