//! Voters who change their minds, one thing at a time.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::vote::{Ballot, Kind};
use uuid::Uuid;

use super::casters::one_of;
use super::hand::Hand;
use super::pause;
use super::scene::{Scene, submission};
use crate::history::Submission;
use crate::random::Random;

/// What one voter does at most: the service remembers the last four ballots of a voter, by which it knows one that
/// is sent again.
const STEPS: u64 = 4;
/// Between two steps, in milliseconds.
const PAUSE: u64 = 250;

/// New voters, one after the other.
pub(super) async fn run(scene: Arc<Scene>, poll: usize, mut random: Random) -> Vec<Submission> {
    let mut hand = Hand::new(scene.clone(), random.fork());
    let mut all = Vec::new();
    while !scene.over.is_cancelled() {
        let (voter, first) = (Uuid::new_v4(), random.below(6));
        for step in 0..random.between(1, STEPS) {
            // All differ, so that what stands in the end says which one it was.
            let mut submission = next(&scene, poll, voter, first + step, &mut random);
            if step == 0 {
                submission.kind = Kind::Cast;
                submission.ballot = one_of(&scene, poll, voter, first).ballot;
            }
            let mut submission = hand.submit(submission).await;
            if random.percent(15) {
                hand.again(&mut submission).await;
            }
            pause(&scene.over, Duration::from_millis(random.below(PAUSE))).await;
            if random.percent(50) {
                hand.ask(&mut submission).await;
            }
            all.push(submission);
        }
    }
    all
}

fn next(scene: &Scene, poll: usize, voter: Uuid, choice: u64, random: &mut Random) -> Submission {
    match random.below(100) {
        0..60 => Submission { kind: Kind::Change, ..one_of(scene, poll, voter, choice) },
        60..80 => submission(poll, voter, Kind::Revoke, Ballot::empty(scene.view(poll).questions.len())),
        // Taken after a revoke only.
        _ => one_of(scene, poll, voter, choice),
    }
}
