//! What a viewer has, and may see, of a poll that it watches.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::poll::{Poll, Status};
use tokio::time::Instant;
use uuid::Uuid;

use super::bell::{Bell, Call};
use super::hub::Place;
use super::message::Message;
use super::update::Update;
use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::metrics::Metrics;
use crate::results;
use crate::visibility::{is_shown_to_all, may_see};

/// A viewer's watch of a poll.
#[derive(Debug)]
pub(crate) struct Subscription {
    place: Place,
    /// The last version that the viewer has; negative without one.
    version: i64,
    visible: Visible,
    told_hidden: bool,
    told_closed: bool,
    told_deleted: bool,
    /// The number of viewers that it was told.
    told_viewers: Option<u64>,
    /// From when on it may be sent results again.
    not_before: Instant,
    /// Least time between two results.
    interval: Duration,
}

/// When the viewer sees the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visible {
    Now,
    OnceClosed,
    /// Unless it votes, or subscribes again with other credentials.
    OnceVoted,
}

/// What a viewer is to be sent next.
#[derive(Debug)]
pub(crate) enum Next {
    /// This.
    Send(Message),
    /// Nothing before this moment.
    NotBefore(Instant),
    /// Nothing.
    Nothing,
}

impl Subscription {
    /// Makes the owner of `bell` a viewer of `poll`, who has `version` already.
    ///
    /// # Errors
    /// Where the poll is gone, or it can't be found out what the viewer may see.
    pub(crate) async fn new(
        app: &Arc<App>,
        poll: &Arc<Poll>,
        credentials: &Credentials,
        version: Option<i64>,
        bell: Arc<Bell>,
    ) -> Result<Self, ApiError> {
        // As if it were open: whether it is closed, each update says.
        let visible = if may_see(app, poll, Status::Active, credentials).await? {
            Visible::Now
        } else if is_shown_to_all(poll, Status::Closed) {
            Visible::OnceClosed
        } else {
            Visible::OnceVoted
        };
        // No message says that it was deleted since; the other watches would be told.
        if app.hub.is_final(poll.poll_id) {
            app.definitions.require(poll).await?;
        }
        let place = app.hub.join(poll.poll_id, bell.clone());
        if place.is_first {
            tokio::spawn(read_first(app.clone(), poll.clone()));
        }
        // For what is known already.
        bell.ring(Call::NEWS);
        Ok(Self::at(place, visible, version, app.config.results_interval()))
    }

    fn at(place: Place, visible: Visible, version: Option<i64>, interval: Duration) -> Self {
        Self {
            place,
            version: version.unwrap_or(-1),
            visible,
            told_hidden: false,
            told_closed: false,
            told_deleted: false,
            told_viewers: None,
            not_before: Instant::now(),
            // The watch keeps the interval between two releases. This is for the results that a viewer is sent
            // apart from them, as it subscribes; a tenth is left for what a release takes to reach it.
            interval: interval * 9 / 10,
        }
    }

    /// The poll.
    pub(crate) fn poll_id(&self) -> Uuid {
        self.place.watch.poll_id
    }

    /// Notes that the viewer has voted: who waited to see the results for that sees them from now on.
    pub(crate) fn voted(&mut self) {
        if self.visible == Visible::OnceVoted {
            self.visible = Visible::Now;
        }
    }

    /// Whether the viewer was told that the poll is closed, or gone: nothing that matters comes after that.
    pub(crate) fn is_over(&self) -> bool {
        self.told_closed || self.told_deleted
    }

    /// Whether the viewer was told that the poll is gone.
    pub(crate) fn is_of_deleted(&self) -> bool {
        self.told_deleted
    }

    /// What the viewer is to be sent next, and notes that it was.
    pub(crate) fn next(&mut self, metrics: &Metrics) -> Next {
        if self.place.watch.is_deleted() {
            return self.deleted();
        }
        let Some(update) = self.place.watch.released() else { return self.viewers() };
        let is_shown = self.shows(&update);
        // The version is raised once more when the poll is archived, which changes nothing that is told here.
        if is_shown && update.version > self.version && !self.told_closed {
            return self.results(update, metrics);
        }
        if !is_shown && !self.told_hidden {
            self.told_hidden = true;
            return Next::Send(Message::hidden(self.poll_id()));
        }
        if let Some(closing) = update.closing.as_ref().filter(|_| !self.told_closed) {
            self.told_closed = true;
            let message = if is_shown { Message::Closed } else { Message::ClosedHidden };
            return Next::Send(message(closing.clone()));
        }
        self.viewers()
    }

    fn deleted(&mut self) -> Next {
        match std::mem::replace(&mut self.told_deleted, true) {
            true => Next::Nothing,
            false => Next::Send(Message::deleted(self.poll_id())),
        }
    }

    fn results(&mut self, update: Arc<Update>, metrics: &Metrics) -> Next {
        let now = Instant::now();
        if now < self.not_before {
            return Next::NotBefore(self.not_before);
        }
        self.not_before = now + self.interval;
        metrics.frames.inc();
        if self.version >= 0 {
            metrics.skipped.inc_by((update.version - self.version - 1) as u64);
        }
        self.version = update.version;
        Next::Send(Message::Results(update))
    }

    fn viewers(&mut self) -> Next {
        match self.place.watch.viewer_count() {
            // The poll's end is the last of it.
            Some(viewers) if !self.told_closed && self.told_viewers != Some(viewers.count) => {
                self.told_viewers = Some(viewers.count);
                Next::Send(Message::Viewers(viewers))
            }
            _ => Next::Nothing,
        }
    }

    fn shows(&self, update: &Update) -> bool {
        match self.visible {
            Visible::Now => true,
            Visible::OnceClosed => update.closed,
            Visible::OnceVoted => false,
        }
    }
}

/// Offers a poll's counts to its first viewers. The feed reads them too once it is subscribed; this is for
/// them not to wait for that, and for whenever there is no Redis.
async fn read_first(app: Arc<App>, poll: Arc<Poll>) {
    match results::load(&app, &poll).await {
        Ok(counts) => app.hub.offer(counts),
        Err(ApiError::PollNotFound) => app.hub.offer_deleted([poll.poll_id]),
        Err(error) => tracing::debug!(?error, "counts not read for the first viewer"),
    }
}

#[cfg(test)]
pub(super) mod tests;
