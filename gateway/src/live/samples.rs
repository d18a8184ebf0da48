//! What tests of live results offer, and how they look at bells.

use std::collections::BTreeMap;
use std::future::poll_fn;

use bytes::Bytes;
use futures_util::FutureExt;
use pollster_shared::counts::Counts;
use uuid::Uuid;

use super::bell::{Bell, Call};

/// A poll's counts at a version, of as many votes.
pub(super) fn counts(poll_id: Uuid, version: i64) -> Counts {
    let results = BTreeMap::new();
    let (closed, finalized, archived, deleted) = (false, false, false, false);
    Counts { poll_id, version, total_votes: version, closed, finalized, archived, deleted, results }
}

/// The same, of a poll whose last vote is counted.
pub(super) fn final_counts(poll_id: Uuid, version: i64) -> Counts {
    Counts { closed: true, finalized: true, ..counts(poll_id, version) }
}

/// The same, of a poll that was deleted.
pub(super) fn deleted_counts(poll_id: Uuid, version: i64) -> Counts {
    Counts { closed: true, deleted: true, ..counts(poll_id, version) }
}

/// The same as they are published.
pub(super) fn published(poll_id: Uuid, version: i64) -> Bytes {
    serde_json::to_vec(&counts(poll_id, version)).unwrap().into()
}

/// A published message that says whose it is, and no more that can be read.
pub(super) fn unreadable(poll_id: Uuid, version: i64) -> Bytes {
    format!(r#"{{"poll_id":"{poll_id}","version":{version},"results":"many"}}"#).into()
}

/// What a bell was rung for since it was looked at last.
pub(super) fn rung(bell: &Bell) -> Option<Call> {
    poll_fn(|cx| bell.poll_rung(cx)).now_or_never()
}
