//! Runs one case.

use std::collections::HashMap;

use pollster_aggregator::committer::Committed;
use pollster_shared::closing;
use pollster_shared::counts::{Counts, projection};
use pollster_shared::poll::Poll;
use pollster_shared::stream::{entry, prepare};
use pollster_shared::vote::Cast;
use uuid::Uuid;

use super::expected::Expected;
use super::hand::Hand;
use super::operation::{ALL, Operation, POLLS, QUESTIONS, Stage, WORKERS};
use super::viewer::Viewer;
use crate::stages::bed::{Bed, cast, counts_of};

const SHARDS: u16 = 2;
/// First to mark again, then to finalize, and one more.
const FINALIZE_TRIES: usize = 3;

struct Case<'a> {
    bed: &'a Bed,
    polls: Vec<Poll>,
    hands: Vec<Hand<'a>>,
    /// All ballots so far, with voter and key.
    casts: Vec<(Cast, u8, String)>,
    /// Counts as they were at each publishing.
    history: Vec<Counts>,
    /// The newest counts that were published since Redis was last emptied.
    published: HashMap<Uuid, Counts>,
    /// Counts of the polls that are final.
    finals: HashMap<Uuid, Counts>,
    expected: Expected,
}

/// Runs the operations on new polls, then lets everything settle and compares.
pub(super) async fn run(bed: &Bed, operations: &[Operation]) {
    bed.redis(&["FLUSHALL"]).await;
    let mut polls = Vec::new();
    for _ in 0..POLLS {
        polls.push(bed.poll(QUESTIONS, SHARDS).await);
    }
    let viewer = Viewer::new(bed, &polls).await;
    let mut case = Case {
        bed,
        polls,
        hands: Vec::new(),
        casts: Vec::new(),
        history: Vec::new(),
        published: HashMap::new(),
        finals: HashMap::new(),
        expected: Expected::default(),
    };
    for _ in 0..WORKERS {
        case.hands.push(Hand::new(bed, SHARDS).await);
    }
    for (number, operation) in operations.iter().enumerate() {
        case.step(number, *operation).await;
    }
    case.settle().await;
    for poll in &case.polls {
        bed.assert_answers(poll, case.expected.answers(poll.poll_id)).await;
        viewer.assert_saw(&bed.tallied(poll).await).await;
    }
}

impl Case<'_> {
    async fn step(&mut self, number: usize, operation: Operation) {
        match operation {
            Operation::Cast { poll, voter, questions, choice } => {
                let answered = (0..QUESTIONS as u8).filter(|question| questions & (1 << question) != 0);
                let answers: Vec<(u8, u64)> = answered.map(|question| (question, choice.into())).collect();
                self.cast(poll, voter, format!("key {number}"), &answers).await;
            }
            Operation::SendAgain(index) => {
                if let Some(index) = index.checked_rem(self.casts.len()) {
                    self.send(&self.casts[index].0.clone()).await;
                }
            }
            Operation::ReuseKey(index) => {
                let Some(index) = index.checked_rem(self.casts.len()) else { return };
                let (cast, voter, key) = self.casts[index].clone();
                let poll = self.polls.iter().position(|poll| poll.poll_id == cast.poll_id).unwrap();
                // Another one or two of the three choices: 1 to 6 as bits.
                let other = |choices: u64| choices % 6 + 1;
                let answers = cast.ballot.answers().iter();
                let answers: Vec<_> =
                    answers.map(|answer| (answer.question, other(answer.choices.0))).collect();
                self.cast(poll, voter, key, &answers).await;
            }
            Operation::Stage(index, stage) => self.stage(index, stage).await,
            Operation::PublishOld(index) => {
                let Some(index) = index.checked_rem(self.history.len()) else { return };
                let old = self.history[index].clone();
                let (mut aggregates, mut pubsub) = (self.bed.redis.clone(), self.bed.redis.clone());
                projection::publish(&mut aggregates, &mut pubsub, &old).await.unwrap();
                self.published(old).await;
            }
            Operation::Flush => {
                self.bed.redis(&["FLUSHALL"]).await;
                self.expected.flush();
                self.published.clear();
                self.hands.iter_mut().for_each(|hand| hand.outlived_redis |= !hand.entries.is_empty());
            }
            Operation::Close(poll) => self.close(poll).await,
            Operation::Mark(poll) => self.mark(poll).await,
            Operation::Finalize(poll) => self.finalize(poll).await,
        }
    }

    async fn cast(&mut self, poll: usize, voter: u8, key: String, answers: &[(u8, u64)]) {
        let cast = cast(&self.polls[poll], voter.into(), &key, answers);
        self.send(&cast).await;
        self.casts.push((cast, voter, key));
    }

    async fn send(&mut self, cast: &Cast) {
        let poll = self.polls.iter().find(|poll| poll.poll_id == cast.poll_id).unwrap();
        let expected = self.expected.accept(cast, poll);
        assert_eq!(self.bed.accept(poll, cast).await, expected, "the answer to {cast:?}");
    }

    async fn stage(&mut self, index: usize, stage: Stage) {
        let hand = &mut self.hands[index];
        match stage {
            Stage::Read => hand.entries.extend(hand.worker.read().await),
            Stage::Claim => hand.entries.extend(hand.worker.claim().await),
            Stage::Commit => self.commit(index).await,
            Stage::Publish => {
                hand.worker.publish(&hand.committed).await;
                let poll_ids = hand.committed.poll_ids.clone();
                for poll in self.polls.clone().iter().filter(|poll| poll_ids.contains(&poll.poll_id)) {
                    let counts = self.bed.tallied(poll).await;
                    self.history.push(counts.clone());
                    self.published(counts).await;
                }
            }
            Stage::Acknowledge => hand.worker.acknowledge(&std::mem::take(&mut hand.committed)).await,
            Stage::Several(stages) => {
                for stage in stages {
                    Box::pin(self.stage(index, *stage)).await;
                }
            }
            Stage::Crash => self.hands[index] = Hand::new(self.bed, SHARDS).await,
        }
    }

    /// Commits what the aggregator has in hand; the tallies then are as the model says.
    async fn commit(&mut self, index: usize) {
        let hand = &mut self.hands[index];
        let mut entries = std::mem::take(&mut hand.entries);
        hand.outlived_redis = false;
        let committed = hand.worker.commit(entries.clone()).await;
        entries.sort_by_key(|entry| entry.id);
        for entry in &entries {
            self.expected.commit(&entry::decode(&entry.packed).unwrap());
        }
        assert_eq!(committed.entries.len(), entries.len(), "nothing is set aside");
        hand.committed.entries.extend(committed.entries);
        hand.committed.poll_ids.extend(committed.poll_ids);
        for poll in &self.polls {
            let expected = counts_of(poll, self.expected.answers(poll.poll_id));
            assert_eq!(self.bed.tallied(poll).await.results, expected, "tallies after a commit");
        }
    }

    /// These counts were published just now: Redis holds them, unless it held newer ones.
    async fn published(&mut self, counts: Counts) {
        let poll = self.polls.iter().find(|poll| poll.poll_id == counts.poll_id).unwrap();
        let newest = self.published.entry(poll.poll_id).or_insert_with(|| counts.clone());
        if newest.version < counts.version {
            *newest = counts;
        }
        assert_eq!(self.bed.projected(poll).await.as_ref(), Some(&*newest), "the newest counts stay");
    }

    async fn close(&mut self, index: usize) {
        let poll = &self.polls[index];
        let closed_before = self.expected.is_closed(poll.poll_id);
        let mut connection = self.bed.pool.get().await.unwrap();
        assert_eq!(closing::close(&mut connection, poll.id).await.unwrap(), !closed_before);
        self.expected.close(poll.poll_id);
    }

    async fn mark(&mut self, index: usize) {
        let poll = &self.polls[index];
        if self.expected.is_closed(poll.poll_id) {
            let mut connection = self.bed.pool.get().await.unwrap();
            closing::mark(&mut connection, &mut self.bed.redis.clone(), poll).await.unwrap();
            self.expected.mark(poll);
        }
    }

    /// Takes the closing a stage further. Final means that nothing accepted waits.
    async fn finalize(&mut self, index: usize) {
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

    /// Nobody crashes any more: everything left is counted and told, and closed polls get final.
    async fn settle(&mut self) {
        self.hands = vec![Hand::new(self.bed, SHARDS).await];
        for stage in [Stage::Claim, ALL] {
            self.stage(0, stage).await;
        }
        assert_eq!(self.bed.backlog(SHARDS).await, (0, 0), "everything is acknowledged");
        let poll_ids: Vec<Uuid> = self.polls.iter().map(|poll| poll.poll_id).collect();
        for (index, poll_id) in poll_ids.iter().enumerate() {
            assert!(!self.expected.has_waiting(*poll_id), "accepted votes were not delivered");
            for _ in 0..FINALIZE_TRIES {
                self.finalize(index).await;
            }
            assert_eq!(self.finals.contains_key(poll_id), self.expected.is_closed(*poll_id));
        }
        // As the sweep does.
        let all = Committed { entries: Vec::new(), poll_ids };
        self.hands[0].worker.publish(&all).await;
        for poll in &self.polls {
            if let Some(last) = self.finals.get(&poll.poll_id) {
                assert_eq!(&self.bed.tallied(poll).await, last, "final is final");
            }
        }
    }
}
