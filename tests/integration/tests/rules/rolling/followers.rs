//! Those of the crowd who watch.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::crowd::Member;
use super::sockets::{connected, next};

/// Each version that somebody was shown, with its total and when.
#[derive(Debug, Default)]
pub(super) struct Sightings(Vec<(Instant, i64, i64)>);

/// Watches until the end, over socket after socket, each opened with the version that is known.
pub(super) async fn follows(member: Member, mut servers: Vec<SocketAddr>) {
    let mut seen = Sightings::default();
    let watch = async {
        loop {
            let mut socket = connected(&mut servers).await;
            let version = seen.0.last().map(|(_, version, _)| *version);
            let subscribe =
                json!({"type": "subscribe", "poll_id": member.world.poll.poll_id, "version": version});
            let _ = socket.send(Message::text(subscribe.to_string())).await;
            loop {
                match next(&mut socket).await {
                    Ok(frame) => seen.note(&frame),
                    Err(closed) => break member.met.was_closed(closed),
                }
            }
        }
    };
    let _: Option<()> = member.end.run_until_cancelled(watch).await;
    member.met.sightings.lock().unwrap().push(seen);
}

impl Sightings {
    fn note(&mut self, frame: &serde_json::Value) {
        let number = |name: &str| frame[name].as_i64().unwrap();
        if frame["type"] == "viewers" {
            return;
        }
        assert_eq!(frame["type"], "results", "{frame}");
        self.0.push((Instant::now(), number("version"), number("total_votes")));
    }

    /// Fails if anything was shown twice or went back.
    pub(super) fn assert_only_forward(&self) {
        let versions = self.0.iter().map(|(_, version, total)| (version, total));
        assert!(versions.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{:?}", self.0);
    }

    /// The longest time between `from` and `to` in which the counts stood still.
    pub(super) fn longest_standstill(&self, from: Instant, to: Instant) -> Duration {
        let shown = self.0.iter().map(|(moment, ..)| *moment).filter(|moment| (from..to).contains(moment));
        let moments: Vec<Instant> = [from].into_iter().chain(shown).chain([to]).collect();
        moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}
