//! The end of the polls of a case.

use pollster_shared::closing;
use pollster_shared::stream::prepare;

use super::run::Case;

impl Case<'_> {
    pub(super) async fn close(&mut self, index: usize) {
        let poll = &self.polls[index];
        let closed_before = self.expected.is_closed(poll.poll_id);
        let mut connection = self.bed.pool.get().await.unwrap();
        assert_eq!(closing::close(&mut connection, poll.id).await.unwrap(), !closed_before);
        self.expected.close(poll.poll_id);
    }

    pub(super) async fn mark(&mut self, index: usize) {
        let poll = &self.polls[index];
        if self.expected.is_closed(poll.poll_id) {
            let mut connection = self.bed.pool.get().await.unwrap();
            closing::mark(&mut connection, &mut self.bed.redis.clone(), poll).await.unwrap();
            self.expected.mark(poll);
        }
    }

    /// Takes the closing a stage further. Final means that nothing accepted waits.
    pub(super) async fn finalize(&mut self, index: usize) {
        let poll = &self.polls[index];
        // What a lost Redis leaves in an aggregator's hands is nobody's to wait for.
        if self.hands.iter().any(|hand| hand.outlived_redis) {
            return;
        }
        let mut connection = self.bed.pool.get().await.unwrap();
        let mut redis = self.bed.redis.clone();
        let unfinished = closing::unfinished(&mut connection).await.unwrap();
        let Some(closing) = unfinished.iter().find(|closing| closing.poll.id == poll.id) else { return };
        if closing::finalize(&mut connection, &mut redis, closing).await.unwrap() {
            assert!(!self.expected.has_waiting(poll.poll_id), "final, and accepted votes wait");
            self.finals.insert(poll.poll_id, self.bed.tallied(poll).await);
        } else if prepare::marks_are_closed(&mut redis, poll.poll_id, poll.shards).await.unwrap() {
            self.expected.mark(poll);
        }
    }
}
