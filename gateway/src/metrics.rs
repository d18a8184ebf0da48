//! What a gateway counts.

mod answers;
mod votes;

use pollster_shared::metrics::Histogram;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::edge::Refusal;
pub(crate) use answers::Answers;
use answers::Requests;
use votes::Votes;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScopeLabel {
    scope: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefreshLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DependencyLabel {
    dependency: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CloseLabel {
    code: u16,
}

/// The gateway's metrics.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Requests,
    pub(crate) votes: Votes,
    rate_limited: Family<ScopeLabel, Counter>,
    pub(crate) vote_request_seconds: Histogram,
    refused: Family<RefusalLabel, Counter>,
    pub(crate) connections: Gauge,
    pub(crate) event_streams: Gauge,
    pub(crate) frames: Counter,
    pub(crate) skipped: Counter,
    closed: Family<CloseLabel, Counter>,
    pub(crate) watched_polls: Gauge,
    refreshed: Family<RefreshLabel, Counter>,
    pub(crate) password_hashes: Counter,
    circuits: Family<DependencyLabel, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Requests::default(),
            votes: Votes::default(),
            rate_limited: Family::default(),
            vote_request_seconds: pollster_shared::metrics::seconds(),
            refused: Family::default(),
            connections: Gauge::default(),
            event_streams: Gauge::default(),
            frames: Counter::default(),
            skipped: Counter::default(),
            closed: Family::default(),
            watched_polls: Gauge::default(),
            refreshed: Family::default(),
            password_hashes: Counter::default(),
            circuits: Family::default(),
        }
    }
}

impl Metrics {
    /// Names each metric, with its help text.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.begin();
        registry.register("http_requests", "Requests answered, by route and status", self.requests.clone());
        registry.register("votes", "Votes asked for, by outcome", self.votes.family());
        registry.register("rate_limited", "Requests refused by a limit, by limit", self.rate_limited.clone());
        registry.register(
            "vote_request_seconds",
            "From a vote's request to its answer",
            self.vote_request_seconds.clone(),
        );
        registry.register("connections_refused", "Connections not served, by reason", self.refused.clone());
        registry.register("ws_connections", "Open WebSocket connections", self.connections.clone());
        registry.register(
            "sse_connections",
            "Open streams of server-sent events",
            self.event_streams.clone(),
        );
        registry.register("ws_frames", "Result frames sent", self.frames.clone());
        registry.register("ws_skipped", "Versions that a viewer was spared", self.skipped.clone());
        registry.register("ws_closed", "WebSocket connections closed by us, by code", self.closed.clone());
        registry.register("watched_polls", "Polls with a viewer here", self.watched_polls.clone());
        registry.register(
            "refreshed_polls",
            "Watched polls read from PostgreSQL: their channel was subscribed to, or viewers were behind",
            self.refreshed.clone(),
        );
        registry.register("password_hashes", "Passwords hashed or verified", self.password_hashes.clone());
        registry.register(
            "circuit_open",
            "1 while a server is not asked because it does not answer, by server",
            self.circuits.clone(),
        );
    }

    /// Begins what alerts look at with 0: the first increase of a series that comes with it can't be seen.
    fn begin(&self) {
        for refusal in Refusal::ALL {
            drop(self.refused.get_or_create(&RefusalLabel { reason: refusal.name() }));
        }
    }

    /// The counters of a route's answers.
    pub(crate) fn answers(&self, route: &'static str) -> Answers {
        Answers::new(route, self.requests.clone())
    }

    /// Counts a connection that is not served.
    pub(crate) fn refused(&self, refusal: Refusal) {
        self.refused.get_or_create(&RefusalLabel { reason: refusal.name() }).inc();
    }

    /// The counter of the refusals by a limit.
    pub(crate) fn rate_limited(&self, scope: &'static str) -> Counter {
        self.rate_limited.get_or_create_owned(&ScopeLabel { scope })
    }

    /// The gauge of the state of a server's circuit.
    pub(crate) fn circuit_open(&self, dependency: &'static str) -> Gauge {
        self.circuits.get_or_create_owned(&DependencyLabel { dependency })
    }

    /// Counts watched polls that are read from PostgreSQL.
    pub(crate) fn refreshed(&self, reason: &'static str, polls: usize) {
        self.refreshed.get_or_create(&RefreshLabel { reason }).inc_by(polls as u64);
    }

    /// Counts a WebSocket connection that we closed.
    pub(crate) fn closed(&self, code: u16) {
        self.closed.get_or_create(&CloseLabel { code }).inc();
    }
}
