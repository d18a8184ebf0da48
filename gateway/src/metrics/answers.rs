//! How often a route's requests are answered, by status: counted without a lock, for every vote is.

use std::sync::OnceLock;

use hyper::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// A route and the status of its answers, as labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Labels {
    route: &'static str,
    status: u16,
}

/// The counters of all routes.
pub(crate) type Requests = Family<Labels, Counter>;

/// The statuses that answers have, but for rare ones.
const USUAL: [StatusCode; 12] = [
    StatusCode::ACCEPTED,
    StatusCode::OK,
    StatusCode::CREATED,
    StatusCode::NO_CONTENT,
    StatusCode::NOT_MODIFIED,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::CONFLICT,
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// The counters of one route's answers.
#[derive(Debug)]
pub(crate) struct Answers {
    route: &'static str,
    requests: Requests,
    /// Made with the first answer of their status.
    usual: [OnceLock<Counter>; USUAL.len()],
}

impl Answers {
    /// Those of the route of this pattern, among `requests`.
    pub(crate) fn new(route: &'static str, requests: Requests) -> Self {
        Self { route, requests, usual: Default::default() }
    }

    /// The route's pattern, for instance `/api/v1/polls/{poll}`.
    pub(crate) fn route(&self) -> &'static str {
        self.route
    }

    /// Counts an answer.
    pub(crate) fn count(&self, status: StatusCode) {
        let counter = || {
            let labels = Labels { route: self.route, status: status.as_u16() };
            self.requests.get_or_create_owned(&labels)
        };
        match USUAL.iter().position(|usual| *usual == status) {
            Some(usual) => self.usual[usual].get_or_init(counter).inc(),
            None => counter().inc(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route_and_status_usual_or_not() {
        let requests = Requests::default();
        let [votes, polls] = ["votes", "polls"].map(|route| Answers::new(route, requests.clone()));
        for (answers, status) in [(&votes, 202), (&votes, 202), (&polls, 202), (&polls, 413), (&polls, 413)] {
            answers.count(StatusCode::from_u16(status).unwrap());
        }
        let counted = |route, status| requests.get_or_create(&Labels { route, status }).get();
        assert_eq!((counted("votes", 202), counted("polls", 202), counted("polls", 413)), (2, 1, 2));
    }
}
