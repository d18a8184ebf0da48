//! The end of a gateway, in stages, so that no request is lost with it.
//!
//! 1. From SIGTERM on `/readyz` says that it drains, and every answer over HTTP is its connection's last. New
//!    connections are still taken: who chooses among gateways hears only after a while that this one goes.
//! 2. After the delay no more are taken, and what is idle is closed: by now nobody uses it. Viewers are sent away.
//! 3. Once all requests are answered and all viewers are gone, or after the drain timeout, it ends.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderValue};
use pollster_shared::shutdown::Shutdown;
use tokio::time::{Instant, sleep, sleep_until};

use crate::response::Response;

/// The first request of a connection is waited for so long, or it may be on its way when the connection is closed.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// How far a gateway's end has come.
#[derive(Debug, Clone)]
pub(crate) struct Drain {
    /// It is to end: not ready any more.
    pub(crate) begun: Shutdown,
    /// It takes no more connections.
    pub(crate) closing: Shutdown,
    /// Its listener is closed: who is sent away can't come back.
    pub(crate) closed: Shutdown,
}

impl Drain {
    /// A drain that begins with `begun`.
    pub(crate) fn new(begun: Shutdown) -> Self {
        Self { begun, closing: Shutdown::new(), closed: Shutdown::new() }
    }

    /// Goes on to the second stage `delay` after the first.
    pub(crate) async fn run(self, delay: Duration) {
        self.begun.cancelled().await;
        sleep(delay).await;
        self.closing.cancel();
    }

    /// Has the client ask its next request elsewhere, where there is to be none here.
    pub(crate) fn complete(&self, response: &mut Response) {
        if self.begun.is_cancelled() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    /// Waits until a connection that was accepted at this moment may be closed while it is idle.
    pub(crate) async fn may_close(&self, accepted: Instant) {
        self.closing.cancelled().await;
        sleep_until(accepted + FIRST_REQUEST).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::response::empty;

    fn connection_header(drain: &Drain, status: StatusCode) -> Option<HeaderValue> {
        let mut response = empty(status);
        drain.complete(&mut response);
        response.headers().get(CONNECTION).cloned()
    }

    #[tokio::test(start_paused = true)]
    async fn connections_are_taken_for_a_while_after_the_signal() {
        let drain = Drain::new(Shutdown::new());
        let (begun, stages) = (Instant::now(), tokio::spawn(drain.clone().run(Duration::from_secs(5))));
        tokio::task::yield_now().await;
        drain.begun.cancel();
        drain.closing.cancelled().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(5));
        stages.await.unwrap();
    }

    #[tokio::test]
    async fn once_it_drains_an_answer_is_its_connection_s_last() {
        let drain = Drain::new(Shutdown::new());
        assert_eq!(connection_header(&drain, StatusCode::OK), None);
        drain.begun.cancel();
        assert_eq!(connection_header(&drain, StatusCode::OK).unwrap(), "close");
        assert_eq!(connection_header(&drain, StatusCode::SWITCHING_PROTOCOLS), None, "no HTTP follows");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_may_still_bring_its_first_request_and_an_old_one_is_closed_at_once() {
        let drain = Drain::new(Shutdown::new());
        let old = Instant::now();
        sleep(Duration::from_secs(3)).await;
        let new = Instant::now();
        assert!(drain.may_close(old).now_or_never().is_none(), "not before it closes");
        drain.closing.cancel();
        assert!(drain.may_close(old).now_or_never().is_some());
        drain.may_close(new).await;
        assert_eq!(new.elapsed(), FIRST_REQUEST);
    }
}
