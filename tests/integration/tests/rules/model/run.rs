//! Runs one case.

use std::collections::HashMap;

use pollster_aggregator::committer::Committed;
use pollster_shared::counts::{Counts, projection};
use pollster_shared::poll::Poll;
use pollster_shared::stream::entry;
use pollster_shared::vote::{Cast, Kind};
use uuid::Uuid;

use super::expected::Expected;
use super::hand::Hand;
use super::operation::{ALL, CHANGEABLE, Operation, POLLS, QUESTIONS, Stage, WORKERS};
use super::viewer::Viewer;
use crate::stages::bed::{Bed, cast, change, counts_of, revoke};

const SHARDS: u16 = 2;
/// First to mark again, then to finalize, and one more.
const FINALIZE_TRIES: usize = 3;

/// A case as it stands.
pub(super) struct Case<'a> {
    pub(super) bed: &'a Bed,
    pub(super) polls: Vec<Poll>,
    pub(super) hands: Vec<Hand<'a>>,
    /// All ballots so far, with voter and key.
    casts: Vec<(Cast, u8, String)>,
    /// Counts as they were at each publishing.
    history: Vec<Counts>,
    /// The newest counts that were published since Redis was last emptied.
    published: HashMap<Uuid, Counts>,
    /// Counts of the polls that are final.
    pub(super) finals: HashMap<Uuid, Counts>,
    pub(super) expected: Expected,
}

/// Runs the operations on new polls, then lets everything settle and compares.
pub(super) async fn run(bed: &Bed, operations: &[Operation]) {
    bed.redis(&["FLUSHALL"]).await;
    let mut polls = Vec::new();
    for number in 0..POLLS {
        polls.push(match number {
            CHANGEABLE => bed.changeable_poll(QUESTIONS, SHARDS).await,
            _ => bed.poll(QUESTIONS, SHARDS).await,
        });
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
        viewer.assert_saw(&bed.tallied(poll).await, poll.settings.allow_vote_change).await;
    }
    let changeable = &case.polls[CHANGEABLE];
    bed.assert_sound(changeable).await;
    let logged = (bed.audited_events(changeable).await, bed.refused(changeable).await);
    assert_eq!(logged, case.expected.events(changeable.poll_id), "events that were counted, and refused");
    case.expected.assert_last_stands();
}

/// The same choices for each of these questions, given as bits.
fn answers(questions: u8, choice: u8) -> Vec<(u8, u64)> {
    let answered = (0..QUESTIONS as u8).filter(|question| questions & (1 << question) != 0);
    answered.map(|question| (question, choice.into())).collect()
}

impl Case<'_> {
    async fn step(&mut self, number: usize, operation: Operation) {
        match operation {
            Operation::Cast { poll, voter, questions, choice } => {
                let key = format!("key {number}");
                let cast = cast(&self.polls[poll], voter.into(), &key, &answers(questions, choice));
                self.send_first(cast, voter, key).await;
            }
            Operation::Change { voter, questions, choice } => {
                let key = format!("key {number}");
                let poll = &self.polls[CHANGEABLE];
                let change = change(poll, voter.into(), &key, &answers(questions, choice));
                self.send_first(change, voter, key).await;
            }
            Operation::Revoke { voter } => {
                let key = format!("key {number}");
                let revoke = revoke(&self.polls[CHANGEABLE], voter.into(), &key);
                self.send_first(revoke, voter, key).await;
            }
            Operation::SendAgain(index) => {
                if let Some(index) = index.checked_rem(self.casts.len()) {
                    self.send(&self.casts[index].0.clone()).await;
                }
            }
            Operation::ReuseKey(index) => {
                let Some(index) = index.checked_rem(self.casts.len()) else { return };
                let (used, voter, key) = self.casts[index].clone();
                let poll = self.polls.iter().find(|poll| poll.poll_id == used.poll_id).unwrap();
                // Another one or two of the three choices: 1 to 6 as bits.
                let other = |choices: u64| choices % 6 + 1;
                let answers = used.ballot.answers().iter();
                let answers: Vec<_> =
                    answers.map(|answer| (answer.question, other(answer.choices.0))).collect();
                let kind = if used.kind == Kind::Revoke { Kind::Change } else { used.kind };
                let cast = Cast { kind, ..cast(poll, voter.into(), &key, &answers) };
                self.send_first(cast, voter, key).await;
            }
            Operation::Stage(index, stage) => self.stage(index, stage).await,
            Operation::PublishOld(index) => {
                let Some(index) = index.checked_rem(self.history.len()) else { return };
                let old = self.history[index].clone();
                let mut aggregates = self.bed.redis.clone();
                projection::publish(&mut aggregates, &self.bed.channels, &old).await.unwrap();
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

    async fn send_first(&mut self, cast: Cast, voter: u8, key: String) {
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
            let cast = entry::decode(&entry.packed).unwrap();
            let changeable = cast.poll_id == self.polls[CHANGEABLE].poll_id;
            self.expected.commit(&cast, entry.id.order(), changeable);
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
        let all = Committed { poll_ids, ..Committed::default() };
        self.hands[0].worker.publish(&all).await;
        for poll in &self.polls {
            if let Some(last) = self.finals.get(&poll.poll_id) {
                assert_eq!(&self.bed.tallied(poll).await, last, "final is final");
            }
        }
    }
}
