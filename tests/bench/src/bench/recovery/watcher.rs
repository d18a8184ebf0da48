//! The viewer that is watched, in a thread of its own: the one that measures is busy with killing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use super::error::RecoveryError;
use super::phase::Votes;
use super::timeline::Timeline;
use crate::bench::viewer::{Viewer, ViewerError};
use crate::bench::wait::unless_interrupted;
use crate::client::{PollView, Server};

/// How long counts may stand still before they are given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A viewer under way.
#[derive(Debug)]
pub(super) struct Watcher {
    end: oneshot::Sender<()>,
    /// What it was shown last; nothing before the first frame.
    total: watch::Receiver<Option<u64>>,
    seen: oneshot::Receiver<Result<Timeline, ViewerError>>,
}

impl Watcher {
    /// Starts watching a poll whose choices are the phases.
    pub(super) fn start(gateway: SocketAddr, poll: &PollView) -> Result<Self, RecoveryError> {
        let (end, ended) = oneshot::channel();
        let (shown, total) = watch::channel(None);
        let (done, seen) = oneshot::channel();
        let poll = poll.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("viewer".to_owned()).spawn(move || {
            // Nobody waits for it after Ctrl-C.
            let _ = done.send(runtime.block_on(view(&Server::from(gateway), &poll, shown, ended)));
        })?;
        Ok(Self { end, total, seen })
    }

    /// Waits until it was shown at least so many votes.
    pub(super) async fn until(&mut self, votes: u64) -> Result<(), RecoveryError> {
        let shows = |total: &Option<u64>| total.is_some_and(|total| total >= votes);
        let shown = unless_interrupted(timeout(PATIENCE, self.total.wait_for(shows))).await?;
        match shown.map(|shown| shown.is_ok()) {
            Ok(true) => Ok(()),
            // It ends by itself only where something is wrong.
            Ok(false) => {
                let ended = (&mut self.seen).await.map_err(|_| RecoveryError::Thread)?;
                Err(ended.err().map_or(RecoveryError::Thread, RecoveryError::from))
            }
            Err(_) => {
                let (shown, seconds) = (self.total.borrow().unwrap_or_default(), PATIENCE.as_secs());
                Err(RecoveryError::Behind { shown, votes, seconds })
            }
        }
    }

    /// Ends it; what it was shown.
    pub(super) async fn finish(self) -> Result<Timeline, RecoveryError> {
        drop(self.end);
        Ok(self.seen.await.map_err(|_| RecoveryError::Thread)??)
    }
}

async fn view(
    server: &Server,
    poll: &PollView,
    shown: watch::Sender<Option<u64>>,
    mut ended: oneshot::Receiver<()>,
) -> Result<Timeline, ViewerError> {
    let choices: Vec<String> =
        poll.questions[0].choices.iter().map(|choice| format!("choice:{}", choice.choice_id)).collect();
    let mut viewer = Viewer::subscribe(server, poll.poll_id).await?;
    shown.send_replace(Some(0));
    let mut timeline = Timeline::default();
    loop {
        let frame = tokio::select! {
            frame = viewer.next() => frame?,
            _ = &mut ended => return Ok(timeline),
        };
        if let Some(frame) = frame {
            let votes: Votes =
                std::array::from_fn(|phase| frame.results.get(&choices[phase]).copied().unwrap_or_default());
            timeline.note(Instant::now(), votes);
            shown.send_replace(Some(frame.total_votes));
        }
    }
}
