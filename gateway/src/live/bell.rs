//! A viewer's bell: how its task is told that there is something to do. One a viewer serves all that it
//! watches and all its deadlines, so that none of these costs a channel or a timer a viewer.

use std::ops::BitOr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

/// Why a bell was rung; several reasons at once are one ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call(u8);

impl Call {
    /// A poll that is watched has news.
    pub(crate) const NEWS: Self = Self(1);
    /// It is time to ask whether the viewer is there.
    pub(crate) const PING: Self = Self(1 << 1);
    /// Whoever was asked should have answered by now.
    pub(crate) const PONG_DUE: Self = Self(1 << 2);
    /// The gateway ends: it is time to go.
    pub(crate) const LEAVE: Self = Self(1 << 3);
    /// The viewer's account has notifications.
    pub(crate) const NOTIFICATIONS: Self = Self(1 << 4);

    /// Whether `reason` is among the reasons.
    pub(crate) fn is(self, reason: Self) -> bool {
        self.0 & reason.0 != 0
    }
}

impl BitOr for Call {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The bell of one task.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: AtomicU8,
    waker: AtomicWaker,
}

impl Bell {
    /// Wakes the task; for a reason that it was woken for and did not see yet, once is enough.
    pub(crate) fn ring(&self, reason: Call) {
        if self.rung.fetch_or(reason.0, Ordering::AcqRel) & reason.0 == 0 {
            self.waker.wake();
        }
    }

    /// Waits until it is rung; returns for what, and forgets it.
    pub(crate) fn poll_rung(&self, cx: &mut Context<'_>) -> Poll<Call> {
        if let Some(call) = self.take() {
            return Poll::Ready(call);
        }
        self.waker.register(cx.waker());
        // It may have been rung just before.
        self.take().map_or(Poll::Pending, Poll::Ready)
    }

    fn take(&self) -> Option<Call> {
        match self.rung.swap(0, Ordering::AcqRel) {
            0 => None,
            reasons => Some(Call(reasons)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn whoever_waits_is_woken_with_every_reason_once() {
        let bell = Arc::new(Bell::default());
        let ringing = bell.clone();
        let rung = tokio::spawn(async move { poll_fn(|cx| bell.poll_rung(cx)).await });
        tokio::task::yield_now().await;
        ringing.ring(Call::NEWS);
        ringing.ring(Call::NEWS);
        ringing.ring(Call::PING);
        assert_eq!(rung.await.unwrap(), Call::NEWS | Call::PING);
        assert_eq!(poll_fn(|cx| ringing.poll_rung(cx)).now_or_never(), None);
    }

    #[tokio::test]
    async fn a_ring_before_the_wait_is_not_lost() {
        let bell = Bell::default();
        bell.ring(Call::LEAVE);
        let call = poll_fn(|cx| bell.poll_rung(cx)).await;
        assert!(call.is(Call::LEAVE) && !call.is(Call::NEWS));
    }
}
