//! One viewer's stream of events. What it is sent is chosen only when its connection has room for more: who
//! is slow is told the newest counts, not all that led to them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Sleep, sleep_until};

use crate::app::App;
use crate::edge::NetworkPlace;
use crate::live::{Beating, Bell, Call, Next, Subscription};

/// A comment: it keeps the connection open through proxies that end idle ones, and a client that is gone
/// shows by not taking it.
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");
/// Milliseconds after which a client whose stream broke off reconnects: at least, and at random besides, so
/// that those of a gateway that dies do not all come at once.
const RETRY: u32 = 1000;
const RETRY_SPREAD: u32 = 4000;

/// A viewer of one poll.
pub(super) struct EventStream {
    app: Arc<App>,
    bell: Arc<Bell>,
    subscription: Subscription,
    /// Whether the subscription may have something to send.
    has_news: bool,
    /// For results that came too soon after others.
    delay: Option<Pin<Box<Sleep>>>,
    _beating: Beating,
    /// Held as long as the stream.
    _place: Option<NetworkPlace>,
}

impl EventStream {
    /// A stream of what `subscription` has to send whenever `bell` is rung.
    pub(super) fn new(
        app: Arc<App>,
        bell: Arc<Bell>,
        subscription: Subscription,
        place: Option<NetworkPlace>,
    ) -> Self {
        app.metrics.event_streams.inc();
        Self {
            _beating: app.pulse.join(bell.clone()),
            app,
            bell,
            subscription,
            has_news: false,
            delay: None,
            _place: place,
        }
    }

    /// The stream, after what a client must know before all events.
    pub(super) fn with_retry(self) -> impl Stream<Item = Bytes> + Send + 'static {
        stream::iter([retry()]).chain(self)
    }

    /// What the viewer does not have yet and may see.
    fn next_event(&mut self) -> Option<Bytes> {
        if !self.has_news {
            return None;
        }
        match self.subscription.next(&self.app.metrics) {
            Next::Send(message) => return Some(message.frame().for_event_stream()),
            Next::NotBefore(moment) => {
                self.delay.get_or_insert_with(|| Box::pin(sleep_until(moment)));
            }
            Next::Nothing => {}
        }
        self.has_news = false;
        None
    }

    /// Waits for the bell, or for the end of the delay.
    fn poll_call(&mut self, cx: &mut Context<'_>) -> Poll<Call> {
        if self.delay.as_mut().is_some_and(|delay| delay.as_mut().poll(cx).is_ready()) {
            self.delay = None;
            return Poll::Ready(Call::NEWS);
        }
        self.bell.poll_rung(cx)
    }
}

/// Ends once the viewer was told that the poll is closed, or the gateway ends.
impl Stream for EventStream {
    type Item = Bytes;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let viewer = self.get_mut();
        loop {
            if viewer.subscription.is_over() {
                return Poll::Ready(None);
            }
            if let Some(event) = viewer.next_event() {
                return Poll::Ready(Some(event));
            }
            let call = ready!(viewer.poll_call(cx));
            if call.is(Call::LEAVE) {
                return Poll::Ready(None);
            }
            viewer.has_news = call.is(Call::NEWS);
            if call.is(Call::PING) {
                return Poll::Ready(Some(HEARTBEAT));
            }
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.app.metrics.event_streams.dec();
    }
}

/// When to reconnect. These are also the first bytes, with which proxies pass on the headers.
fn retry() -> Bytes {
    let jitter = getrandom::u32().unwrap_or_default() % RETRY_SPREAD;
    format!("retry: {}\n\n", RETRY + jitter).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_reconnect_at_different_times() {
        let times: Vec<u32> = std::iter::repeat_with(retry)
            .take(100)
            .map(|field| {
                let text = std::str::from_utf8(&field).unwrap();
                text.strip_prefix("retry: ").unwrap().strip_suffix("\n\n").unwrap().parse().unwrap()
            })
            .collect();
        assert!(times.iter().all(|time| (1000..5000).contains(time)));
        let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        assert!(last - first > 1000, "{first} to {last}");
    }
}
