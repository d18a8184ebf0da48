//! Viewers that come back.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use pollster_integration::{DEADLINE, PollView, Viewer, wait_until};
use serde_json::Value;
use tokio::net::TcpStream;
use uuid::Uuid;

const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// A viewer that reconnects as the API asks: with exponential backoff and full jitter, and with its last version.
pub(super) struct Returning {
    server: SocketAddr,
    poll_id: Uuid,
    viewer: Viewer,
    /// Results that came over connections that have ended.
    before: Vec<Value>,
    /// The codes that those were closed with.
    pub(super) codes: Vec<Option<u16>>,
}

impl Returning {
    pub(super) async fn connect(server: SocketAddr, poll: &PollView) -> Self {
        let mut viewer = Viewer::connect(server).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        Self { server, poll_id: poll.poll_id, viewer, before: Vec::new(), codes: Vec::new() }
    }

    /// All results that it was sent, over all its connections.
    pub(super) fn results(&self) -> Vec<Value> {
        [self.before.clone(), self.viewer.frames_of("results")].concat()
    }

    /// Watches until so many votes are seen, and comes back whenever its connection ends.
    pub(super) async fn sees(&mut self, total: i64) {
        wait_until(&format!("{total} votes"), DEADLINE, async || {
            if self.has_ended() {
                self.comes_back().await;
            }
            self.results().last().is_some_and(|results| results["total_votes"] == total).then_some(())
        })
        .await;
    }

    /// Whether its connection has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.viewer.has_ended()
    }

    /// Reconnects after its connection's end.
    pub(super) async fn comes_back(&mut self) {
        self.codes.push(self.viewer.closed().await);
        self.before = self.results();
        let version = self.before.last().and_then(|results| results["version"].as_i64());
        self.viewer = reconnected(self.server).await;
        self.viewer.subscribe(self.poll_id, version).await;
    }

    /// Waits until whatever the server had to send has come.
    pub(super) async fn ping(&mut self) {
        self.viewer.ping().await;
    }

    /// Holds that each version came once, and in order.
    pub(super) fn assert_nothing_twice(&self) {
        let versions: Vec<_> = self.results().iter().map(|results| results["version"].as_i64()).collect();
        assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
    }
}

async fn reconnected(server: SocketAddr) -> Viewer {
    let mut backoff = FIRST_BACKOFF;
    loop {
        tokio::time::sleep(backoff.mul_f64(random())).await;
        backoff = LONGEST_BACKOFF.min(backoff * 2);
        if let Ok(stream) = TcpStream::connect(server).await
            && let Ok(viewer) = Viewer::over(stream, &[]).await
        {
            return viewer;
        }
    }
}

/// From 0 to 1.
fn random() -> f64 {
    f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}

/// So many viewers of a poll.
pub(super) async fn audience(server: SocketAddr, poll: &PollView, size: usize) -> Vec<Returning> {
    join_all((0..size).map(|_| Returning::connect(server, poll))).await
}

/// Waits until all have seen so many votes, each version once.
pub(super) async fn all_see(audience: &mut [Returning], total: i64) {
    join_all(audience.iter_mut().map(|viewer| viewer.sees(total))).await;
    audience.iter().for_each(Returning::assert_nothing_twice);
}
