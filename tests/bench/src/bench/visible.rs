//! The visible lag: from sending a vote until a viewer's frame holds it. Measured with single votes in polls
//! that are idle otherwise, beside the hot one: there, and only there, a frame can be told to be a vote's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use hyper::StatusCode;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::viewer::{Viewer, ViewerError};
use crate::client::{Client, ClientError, PollView, Server};

/// Between two votes in one poll: more than a gateway's least time between two frames (50 ms), which would
/// be a part of the lag otherwise. Several polls take turns.
const INTERVAL: Duration = Duration::from_millis(80);

/// A vote that was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    pub(super) sent: Instant,
    pub(super) lag: Duration,
}

/// Why the lag could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum VisibleError {
    /// The viewer.
    #[error(transparent)]
    Viewer(#[from] ViewerError),
    /// The vote.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The thread could not be started, or panicked.
    #[error("the thread that measures the visible lag failed: {0}")]
    Thread(String),
}

/// Probes under way, in a thread of their own: in the load's, they would wait for their turn there and
/// measure that.
#[derive(Debug)]
pub(super) struct Probes {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Sighting>, VisibleError>>,
}

impl Probes {
    /// Starts voting in these polls, with a viewer each.
    pub(super) fn start(server: Server, polls: Vec<PollView>) -> Result<Self, VisibleError> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("viewers".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| VisibleError::Thread(error.to_string()))?;
            let count = u32::try_from(polls.len()).unwrap_or(u32::MAX);
            let probes = (0..).zip(&polls).map(|(turn, poll)| {
                let delay = INTERVAL * turn / count;
                probe(&server, poll, delay, &stopped)
            });
            Ok(runtime.block_on(try_join_all(probes))?.concat())
        });
        let thread = thread.map_err(|error| VisibleError::Thread(error.to_string()))?;
        Ok(Self { stop, thread })
    }

    /// Ends them; every vote that was seen.
    pub(super) async fn finish(self) -> Result<Vec<Sighting>, VisibleError> {
        self.stop.store(true, Ordering::Relaxed);
        let joined = tokio::task::spawn_blocking(|| self.thread.join()).await;
        let panicked = || VisibleError::Thread("it panicked".to_owned());
        joined.map_err(|_| panicked())?.map_err(|_| panicked())?
    }
}

async fn probe(
    server: &Server,
    poll: &PollView,
    delay: Duration,
    stop: &AtomicBool,
) -> Result<Vec<Sighting>, VisibleError> {
    let mut viewer = Viewer::subscribe(server, poll.poll_id).await?;
    let mut client = Client::connect(server).await?;
    let (path, ballot) = (poll.votes_path(), poll.ballot(0, 0));
    tokio::time::sleep(delay).await;
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sightings = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        ticks.tick().await;
        let voter = Uuid::new_v4().to_string();
        let sent = Instant::now();
        let vote = async {
            let reply = client.vote(&path, &voter, &voter, ballot.clone()).await?;
            reply.expect(StatusCode::ACCEPTED).map_err(VisibleError::from)
        };
        let votes = sightings.len() as u64 + 1;
        // The frame may come before the answer.
        let seen =
            async { viewer.wait_for(votes).await.map(|()| sent.elapsed()).map_err(VisibleError::from) };
        let (_, lag) = tokio::try_join!(vote, seen)?;
        sightings.push(Sighting { sent, lag });
    }
    Ok(sightings)
}
