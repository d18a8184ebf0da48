//! What a viewer has, and may see, of a poll that it watches.

use pollster_shared::poll::{Poll, Status};

use super::hub::Update;
use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::visibility::{is_shown_to_all, may_see};

/// A viewer's watch of a poll.
pub(crate) struct Subscription {
    /// The last version that the viewer has; negative without one.
    pub(crate) version: i64,
    visible: Visible,
}

/// When the viewer sees the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visible {
    Now,
    OnceClosed,
    /// As long as it does not subscribe again with other credentials.
    Never,
}

impl Subscription {
    /// A subscription of somebody who has `version` already.
    pub(crate) async fn new(
        app: &App,
        poll: &Poll,
        credentials: &Credentials,
        version: Option<i64>,
    ) -> Result<Self, ApiError> {
        // As if it were open: whether it is closed, each update says.
        let visible = if may_see(app, poll, Status::Active, credentials).await? {
            Visible::Now
        } else if is_shown_to_all(poll, Status::Closed) {
            Visible::OnceClosed
        } else {
            Visible::Never
        };
        Ok(Self { version: version.unwrap_or(-1), visible })
    }

    /// Whether the viewer may see the results of an update, or, without one, of an open poll.
    pub(crate) fn shows(&self, update: Option<&Update>) -> bool {
        match self.visible {
            Visible::Now => true,
            Visible::OnceClosed => update.is_some_and(|update| update.closed),
            Visible::Never => false,
        }
    }
}
