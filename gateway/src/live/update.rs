//! A poll's counts as viewers get them.

use std::collections::BTreeMap;
use std::sync::Arc;

use pollster_shared::counts::{Counted, Counts};
use serde::Serialize;
use uuid::Uuid;

use super::frame::Frame;

/// The id of the end for those who may not know its version.
pub(crate) const CLOSED: &str = "closed";

/// A poll's newest counts, encoded once for all its viewers.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) version: i64,
    /// Whether the poll was closed.
    pub(crate) closed: bool,
    pub(crate) results: Frame,
    /// What follows the results once nothing can change any more.
    pub(crate) closing: Option<Arc<Closing>>,
}

/// That the poll's results are final.
#[derive(Debug)]
pub(crate) struct Closing {
    pub(crate) with_results: Frame,
    /// For those who may not see them.
    pub(crate) hidden: Frame,
}

/// The messages.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Message<'a> {
    Results(Results<'a>),
    PollClosed(Results<'a>),
    #[serde(rename = "poll_closed")]
    PollClosedHidden {
        poll_id: Uuid,
    },
}

/// All counts of a poll.
#[derive(Serialize)]
struct Results<'a> {
    poll_id: Uuid,
    version: i64,
    total_votes: i64,
    results: &'a BTreeMap<Counted, i64>,
}

impl<'a> From<&'a Counts> for Results<'a> {
    fn from(counts: &'a Counts) -> Self {
        Self {
            poll_id: counts.poll_id,
            version: counts.version,
            total_votes: counts.total_votes,
            results: &counts.results,
        }
    }
}

impl From<&Counts> for Update {
    fn from(counts: &Counts) -> Self {
        let version = || Some(counts.version.to_string().into());
        let hidden = Message::PollClosedHidden { poll_id: counts.poll_id };
        let closing = || Closing {
            with_results: Frame::new("poll_closed", version(), &Message::PollClosed(counts.into())),
            hidden: Frame::new("poll_closed", Some(CLOSED.into()), &hidden),
        };
        // Who has the last version by its id has been told of the end too.
        let id = if counts.finalized { None } else { version() };
        Self {
            version: counts.version,
            closed: counts.closed,
            results: Frame::new("results", id, &Message::Results(counts.into())),
            closing: counts.finalized.then(|| Arc::new(closing())),
        }
    }
}
