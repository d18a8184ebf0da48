//! What subscriptions send: messages that are shared with other viewers, mostly.

use std::sync::Arc;

use uuid::Uuid;

use super::frame::Frame;
use super::update::{Closing, Update};
use super::watch::ViewerCount;
use crate::error::{ApiError, ErrorMessage};

/// A message to a viewer.
#[derive(Debug)]
pub(crate) enum Message {
    Results(Arc<Update>),
    /// That the poll is closed, with its final results.
    Closed(Arc<Closing>),
    /// That the poll is closed, for those who may not see its results.
    ClosedHidden(Arc<Closing>),
    Viewers(Arc<ViewerCount>),
    /// That the results are hidden for now, or that the poll is gone; boxed because it is rare.
    Error(Box<Frame>),
}

impl Message {
    /// That the results of a poll are hidden from this viewer.
    pub(super) fn hidden(poll_id: Uuid) -> Self {
        Self::error(ApiError::ResultsHidden, poll_id)
    }

    /// That a poll was deleted.
    pub(super) fn deleted(poll_id: Uuid) -> Self {
        Self::error(ApiError::PollNotFound, poll_id)
    }

    fn error(error: ApiError, poll_id: Uuid) -> Self {
        Self::Error(Box::new(Frame::new("error", None, &ErrorMessage::new(error, None, Some(poll_id)))))
    }

    /// As it is sent.
    pub(crate) fn frame(&self) -> &Frame {
        match self {
            Self::Results(update) => &update.results,
            Self::Closed(closing) => &closing.with_results,
            Self::ClosedHidden(closing) => &closing.hidden,
            Self::Viewers(viewers) => &viewers.frame,
            Self::Error(frame) => frame,
        }
    }
}
