//! What became of votes. Those that are taken are counted without a lock.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::error::{ApiError, Code};
use crate::votes::Accepted;

/// What may become of a vote by the server's fault. All other refusals are the voter's own.
const FAILED: [Code; 3] = [Code::Overloaded, Code::Unavailable, Code::Internal];

/// What became of a vote, as a label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OutcomeLabel {
    outcome: &'static str,
}

/// The counters of votes by outcome.
#[derive(Debug)]
pub(crate) struct Votes {
    outcomes: Family<OutcomeLabel, Counter>,
    accepted: Counter,
    replayed: Counter,
    confirmed: Counter,
}

impl Default for Votes {
    /// What alerts look at begins with 0: the first increase of a series that comes with it can't be seen.
    fn default() -> Self {
        let outcomes = Family::<OutcomeLabel, Counter>::default();
        let counter = |outcome| outcomes.get_or_create_owned(&OutcomeLabel { outcome });
        for code in FAILED {
            drop(counter(code.name()));
        }
        let [accepted, replayed, confirmed] = ["accepted", "replayed", "confirmed"].map(counter);
        Self { accepted, replayed, confirmed, outcomes }
    }
}

impl Votes {
    /// All of them, to be registered.
    pub(super) fn family(&self) -> Family<OutcomeLabel, Counter> {
        self.outcomes.clone()
    }

    /// Counts a vote that was taken.
    pub(crate) fn taken(&self, accepted: Accepted) {
        match accepted {
            Accepted::Now => &self.accepted,
            Accepted::Before => &self.replayed,
            Accepted::Confirmed => &self.confirmed,
        }
        .inc();
    }

    /// Counts a vote that was not.
    pub(crate) fn refused(&self, error: &ApiError) {
        self.outcomes.get_or_create(&OutcomeLabel { outcome: error.code().name() }).inc();
    }
}
