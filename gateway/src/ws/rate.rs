//! How many messages a connection may send, pings and all.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::gcra::{Gcra, nanoseconds};

/// So many at once, for who subscribes to all that it may, then 20 a second.
const MESSAGES: u32 = 200;
const WINDOW: Duration = Duration::from_secs(10);

/// A connection's rate of messages.
#[derive(Debug)]
pub(super) struct MessageRate {
    opened: Instant,
    /// The theoretical arrival time of its GCRA, in nanoseconds since it was opened.
    tat: u64,
}

impl MessageRate {
    pub(super) fn new() -> Self {
        Self { opened: Instant::now(), tat: 0 }
    }

    /// Whether one more is let through.
    pub(super) fn admit(&mut self) -> bool {
        let gcra = Gcra::new(MESSAGES, WINDOW);
        let now = nanoseconds(self.opened.elapsed());
        let conforms = gcra.conforms(self.tat, now);
        if conforms {
            self.tat = gcra.after(self.tat, now);
        }
        conforms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_then_what_the_rate_allows() {
        let mut rate = MessageRate::new();
        assert_eq!((0..1000).filter(|_| rate.admit()).count(), 200);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!((0..1000).filter(|_| rate.admit()).count(), 20);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..1000).filter(|_| rate.admit()).count(), 200);
    }
}
