//! Polls with a viewer each.

use futures_util::future::join_all;
use pollster_integration::{PollView, Stack, Viewer, lunch, token};

/// Polls of a stack, each watched by somebody, on each gateway in turn.
pub(super) struct Audience<'a> {
    stack: &'a Stack,
    pub(super) polls: Vec<PollView>,
    viewers: Vec<Viewer>,
    votes: i64,
}

impl<'a> Audience<'a> {
    /// So many polls and viewers; returns once everybody sees the first counts.
    pub(super) async fn of(stack: &'a Stack, gateways: usize, polls: usize) -> Self {
        let polls = join_all((0..polls).map(|_| async { stack.create_poll(&lunch()).await })).await;
        let viewers = join_all(polls.iter().enumerate().map(|(number, poll)| async move {
            let mut viewer = Viewer::connect(stack.gateway(number % gateways).address()).await;
            viewer.subscribe(poll.poll_id, None).await;
            viewer
        }))
        .await;
        let mut audience = Self { stack, polls, viewers, votes: 0 };
        audience.sees_all().await;
        audience
    }

    /// Casts a vote in every poll, and waits until it is counted in PostgreSQL.
    pub(super) async fn vote(&mut self) {
        let vote = async |poll: &PollView| self.stack.accepted(poll, &token(), None, poll.ballot(0, 0)).await;
        join_all(self.polls.iter().map(vote)).await;
        self.stack.drained().await;
        self.votes += 1;
    }

    /// Waits until every viewer has seen all votes, on the connection that it opened at first.
    pub(super) async fn sees_all(&mut self) {
        for (viewer, poll) in self.viewers.iter_mut().zip(&self.polls) {
            let what = format!("{} votes in {}", self.votes, poll.poll_id);
            viewer.next_where(&what, |frame| frame["total_votes"] == self.votes).await;
            assert!(!viewer.has_ended());
        }
    }
}

/// Watched polls that a gateway has read from PostgreSQL for this reason.
pub(super) async fn refreshed(stack: &Stack, reason: &str) -> usize {
    let metrics = stack.gateway(0).metrics().await;
    let counter = format!("pollster_refreshed_polls_total{{reason=\"{reason}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&counter)?.parse().ok()).unwrap_or(0)
}
