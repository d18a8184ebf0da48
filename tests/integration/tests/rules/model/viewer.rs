//! Who watches the polls for the whole of a case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use pollster_integration::{DEADLINE, wait_until};
use pollster_shared::counts::Counts;
use pollster_shared::keys;
use pollster_shared::poll::Poll;

use crate::stages::bed::Bed;

/// A subscription to the channels of some polls.
pub(super) struct Viewer {
    frames: Arc<Mutex<Vec<Counts>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Viewer {
    pub(super) async fn new(bed: &Bed, polls: &[Poll]) -> Self {
        let mut pubsub = bed.client.get_async_pubsub().await.unwrap();
        for poll in polls {
            pubsub.subscribe(keys::updates(poll.poll_id)).await.unwrap();
        }
        let frames: Arc<Mutex<Vec<Counts>>> = Arc::default();
        let seen = frames.clone();
        let task = tokio::spawn(async move {
            let mut messages = pubsub.into_on_message();
            while let Some(message) = messages.next().await {
                seen.lock().unwrap().push(serde_json::from_slice(message.get_payload_bytes()).unwrap());
            }
        });
        Self { frames, task }
    }

    /// Waits until the newest frame of the poll is `truth`, as a viewer sees it who ignores what is not
    /// newer; then fails if two frames of one version differ, or, where votes are final, a newer one counts fewer
    /// responses.
    pub(super) async fn assert_saw(&self, truth: &Counts, changeable: bool) {
        wait_until("the newest frame tells the truth", DEADLINE, async || {
            let frames = self.frames.lock().unwrap();
            let of_poll = frames.iter().filter(|frame| frame.poll_id == truth.poll_id);
            let newest = of_poll.max_by_key(|frame| frame.version);
            assert!(newest.is_none_or(|newest| newest.version <= truth.version), "{newest:?} > {truth:?}");
            (newest == Some(truth)).then_some(())
        })
        .await;
        let frames = self.frames.lock().unwrap();
        let mut by_version: HashMap<i64, &Counts> = HashMap::new();
        for frame in frames.iter().filter(|frame| frame.poll_id == truth.poll_id) {
            assert_eq!(*by_version.entry(frame.version).or_insert(frame), frame, "one version, one truth");
        }
        let mut versions: Vec<&Counts> = by_version.into_values().collect();
        versions.sort_by_key(|frame| frame.version);
        let grows = versions.is_sorted_by_key(|frame| frame.total_votes);
        assert!(changeable || grows, "votes went away: {versions:?}");
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
