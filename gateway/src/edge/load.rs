//! Load shedding: how many requests may be in hand at once. What waits for a server that is slow is bounded here; one
//! more is refused at once instead of joining a queue that nobody gets through in time. Votes come before reads: they
//! have places of their own, and more of them, so that no flood of reads refuses a vote.
//!
//! A place is held while a request's work is ours to do, also if its client has hung up meanwhile. What a client is slow
//! to send or to read takes none, or a few slow clients had them all: bodies under way, WebSockets, event streams and
//! bodies that are streamed are bounded with their connections, exports by places of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::error::ApiError;

/// Votes in hand at once: a third of a second's work at the 26,000 votes a second that were measured at best on two
/// cores. Each holds a ballot of 64 KiB at most, 512 MiB together, and of less than one KiB usually.
const VOTES: u32 = 8192;
/// Everything else: what eight connections to PostgreSQL (the default) read in about half a second, at four
/// milliseconds each.
const READS: u32 = 1024;

/// What a request is, for the one question of whether there is room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A vote, a change or a revocation.
    Vote,
    /// Everything else.
    Read,
    /// Never refused: health, and the opening of a WebSocket, over which votes come. It waits for nothing.
    Free,
}

/// The places of a gateway.
#[derive(Debug)]
pub(crate) struct Load {
    votes: Arc<Places>,
    reads: Arc<Places>,
}

/// The places of a class.
#[derive(Debug)]
struct Places {
    bound: u32,
    taken: AtomicU32,
}

/// A request's place; dropping it makes room for another. By default it is none.
#[derive(Debug, Default)]
pub(crate) struct Place {
    of: Option<Arc<Places>>,
    is_taken: AtomicBool,
}

impl Default for Load {
    fn default() -> Self {
        Self::new(VOTES, READS)
    }
}

impl Load {
    /// A load of so many at once.
    pub(crate) fn new(votes: u32, reads: u32) -> Self {
        Self { votes: Places::new(votes), reads: Places::new(reads) }
    }

    /// Takes a place for a request.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] where there is none.
    pub(crate) fn enter(&self, class: Class) -> Result<Place, ApiError> {
        let of = match class {
            Class::Vote => Some(self.votes.clone()),
            Class::Read => Some(self.reads.clone()),
            Class::Free => None,
        };
        let place = Place { of, is_taken: AtomicBool::new(false) };
        place.take()?;
        Ok(place)
    }
}

impl Places {
    fn new(bound: u32) -> Arc<Self> {
        Arc::new(Self { bound, taken: AtomicU32::new(0) })
    }

    /// Takes one, if one is free; returns whether.
    fn take(&self) -> bool {
        let more = |taken| (taken < self.bound).then_some(taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }
}

impl Place {
    /// Waits for the client, without the place meanwhile.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] where there is none any more afterwards.
    pub(crate) async fn aside<T>(&self, client: impl Future<Output = T>) -> Result<T, ApiError> {
        self.leave();
        let came = client.await;
        self.take()?;
        Ok(came)
    }

    fn take(&self) -> Result<(), ApiError> {
        let Some(places) = &self.of else { return Ok(()) };
        match places.take() {
            true => self.is_taken.store(true, Ordering::Relaxed),
            false => return Err(ApiError::Overloaded),
        }
        Ok(())
    }

    fn leave(&self) {
        if let Some(places) = &self.of
            && self.is_taken.swap(false, Ordering::Relaxed)
        {
            places.taken.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests;
