use pollster_shared::counts::Counts;
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{advance, sleep};

use super::super::hub::Hub;
use super::super::samples::{counts, deleted_counts, final_counts};
use super::*;

const INTERVAL: Duration = Duration::from_millis(50);
/// As exactly as tokio's timers go off.
const INSTANT: Duration = Duration::from_millis(2);

/// A subscription to a poll that nobody else watches.
pub(crate) fn subscription(hub: &Arc<Hub>) -> Subscription {
    Subscription::at(hub.join(Uuid::now_v7(), Arc::default()), Visible::Now, None, INTERVAL)
}

/// A viewer of a poll that nobody else watches.
struct Viewer {
    hub: Arc<Hub>,
    poll_id: Uuid,
    subscription: Subscription,
    metrics: Metrics,
}

impl Viewer {
    fn new(visible: Visible, version: Option<i64>) -> Self {
        let (feed, _commands) = unbounded_channel();
        let hub = Arc::new(Hub::new(feed, INTERVAL));
        let (poll_id, metrics) = (Uuid::now_v7(), Metrics::default());
        let place = hub.join(poll_id, Arc::default());
        let subscription = Subscription::at(place, visible, version, INTERVAL);
        Self { hub, poll_id, subscription, metrics }
    }

    /// Has counts released.
    async fn release(&self, counts: impl Fn(Uuid, i64) -> Counts, version: i64) {
        sleep(INTERVAL).await;
        self.hub.offer(counts(self.poll_id, version));
        sleep(INSTANT).await;
    }

    /// All that it is sent now: the type of each message, and its version where it has one.
    fn sent(&mut self) -> Vec<(String, Option<i64>)> {
        let mut sent = Vec::new();
        while let Next::Send(message) = self.subscription.next(&self.metrics) {
            let event = String::from_utf8(message.frame().for_event_stream().to_vec()).unwrap();
            let message: Value = serde_json::from_str(event.split_once("data: ").unwrap().1).unwrap();
            assert!(message["poll_id"] == self.poll_id.to_string(), "{message}");
            sent.push((message["type"].as_str().unwrap().to_owned(), message["version"].as_i64()));
        }
        sent
    }
}

fn message(kind: &str, version: impl Into<Option<i64>>) -> (String, Option<i64>) {
    (kind.to_owned(), version.into())
}

#[tokio::test(start_paused = true)]
async fn a_version_is_sent_once_and_only_to_who_does_not_have_it() {
    for (known, expected) in [(None, Some(5)), (Some(4), Some(5)), (Some(5), None), (Some(6), None)] {
        let mut viewer = Viewer::new(Visible::Now, known);
        assert_eq!(viewer.sent(), []);
        viewer.release(counts, 5).await;
        let expected: Vec<_> = expected.map(|version| message("results", version)).into_iter().collect();
        assert_eq!(viewer.sent(), expected, "who has {known:?}");
        sleep(INTERVAL).await;
        assert_eq!(viewer.sent(), [], "who has {known:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_slow_gets_the_newest_only_and_what_it_was_spared_is_counted() {
    let mut viewer = Viewer::new(Visible::Now, None);
    viewer.release(counts, 5).await;
    assert_eq!(viewer.sent(), [message("results", 5)]);
    for version in 6..=9 {
        viewer.release(counts, version).await;
    }
    assert_eq!(viewer.sent(), [message("results", 9)]);
    // What came before the first one was no loss.
    assert_eq!((viewer.metrics.frames.get(), viewer.metrics.skipped.get()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn two_results_come_no_closer_than_the_interval_and_the_later_is_the_newest() {
    let mut viewer = Viewer::new(Visible::Now, None);
    viewer.release(counts, 1).await;
    sleep(INTERVAL / 2).await;
    // As for who subscribes between two releases.
    assert_eq!(viewer.sent(), [message("results", 1)]);
    let sent_at = Instant::now();
    viewer.hub.offer(counts(viewer.poll_id, 2));
    sleep(INTERVAL / 2).await;
    let Next::NotBefore(moment) = viewer.subscription.next(&viewer.metrics) else {
        panic!("sent after {:?}", sent_at.elapsed());
    };
    assert!(moment > Instant::now() && moment <= sent_at + INTERVAL, "{:?}", moment - sent_at);
    advance(moment - Instant::now()).await;
    assert_eq!(viewer.sent(), [message("results", 2)]);
}

#[tokio::test(start_paused = true)]
async fn the_close_is_told_once_after_the_final_results() {
    let mut viewer = Viewer::new(Visible::Now, None);
    viewer.release(counts, 1).await;
    viewer.sent();
    viewer.release(final_counts, 2).await;
    assert!(!viewer.subscription.is_over());
    assert_eq!(viewer.sent(), [message("results", 2), message("poll_closed", 2)]);
    sleep(INTERVAL).await;
    assert_eq!(viewer.sent(), []);
    assert!(viewer.subscription.is_over());
}

#[tokio::test(start_paused = true)]
async fn the_close_waits_for_final_results_that_come_too_soon() {
    let mut viewer = Viewer::new(Visible::Now, None);
    viewer.release(counts, 1).await;
    sleep(INTERVAL / 2).await;
    viewer.sent();
    viewer.hub.offer(final_counts(viewer.poll_id, 2));
    sleep(INTERVAL / 2).await;
    assert_eq!(viewer.sent(), []);
    sleep(INTERVAL).await;
    assert_eq!(viewer.sent(), [message("results", 2), message("poll_closed", 2)]);
}

#[tokio::test(start_paused = true)]
async fn who_has_the_final_version_is_told_of_the_close_alone() {
    let mut viewer = Viewer::new(Visible::Now, Some(2));
    viewer.release(final_counts, 2).await;
    assert_eq!(viewer.sent(), [message("poll_closed", 2)]);
}

#[tokio::test(start_paused = true)]
async fn hidden_results_are_told_to_be_hidden_once_and_are_shown_from_the_close_on() {
    let mut viewer = Viewer::new(Visible::OnceClosed, None);
    for version in 1..3 {
        viewer.release(counts, version).await;
    }
    assert_eq!(viewer.sent(), [message("error", None)]);
    viewer.release(counts, 3).await;
    assert_eq!(viewer.sent(), []);
    viewer.release(|poll_id, version| Counts { closed: true, ..counts(poll_id, version) }, 4).await;
    assert_eq!(viewer.sent(), [message("results", 4)]);
    viewer.release(final_counts, 5).await;
    assert_eq!(viewer.sent(), [message("results", 5), message("poll_closed", 5)]);
}

#[tokio::test(start_paused = true)]
async fn who_may_never_see_results_is_told_of_the_close_without_them() {
    let mut viewer = Viewer::new(Visible::OnceVoted, None);
    viewer.release(counts, 1).await;
    viewer.release(final_counts, 2).await;
    assert_eq!(viewer.sent(), [message("error", None), message("poll_closed", None)]);
    sleep(INTERVAL).await;
    assert_eq!(viewer.sent(), []);
}

#[tokio::test(start_paused = true)]
async fn who_has_voted_is_shown_what_is_there() {
    let mut viewer = Viewer::new(Visible::OnceVoted, None);
    viewer.release(counts, 1).await;
    assert_eq!(viewer.sent(), [message("error", None)]);
    viewer.subscription.voted();
    assert_eq!(viewer.sent(), [message("results", 1)]);
}

#[tokio::test(start_paused = true)]
async fn every_viewer_is_told_once_that_the_poll_was_deleted_and_nothing_after_it() {
    for visible in [Visible::Now, Visible::OnceClosed, Visible::OnceVoted] {
        let mut viewer = Viewer::new(visible, None);
        viewer.release(counts, 5).await;
        viewer.sent();
        viewer.release(deleted_counts, 6).await;
        assert_eq!(viewer.sent(), [message("error", None)], "{visible:?}");
        assert!(viewer.subscription.is_over() && viewer.subscription.is_of_deleted());
        viewer.release(final_counts, 7).await;
        assert_eq!(viewer.sent(), [], "{visible:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_told_the_end_is_not_told_of_the_archive() {
    let mut viewer = Viewer::new(Visible::Now, None);
    viewer.release(final_counts, 5).await;
    assert_eq!(viewer.sent(), [message("results", 5), message("poll_closed", 5)]);
    viewer.release(|poll_id, version| Counts { archived: true, ..final_counts(poll_id, version) }, 6).await;
    assert_eq!(viewer.sent(), []);
}
