//! Voters on one question, whose votes are final: most vote once, some try to vote twice.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::vote::Kind;
use uuid::Uuid;

use super::hand::{Hand, at_once};
use super::pause;
use super::scene::{Scene, ballot, submission};
use crate::history::{Outcome, Submission};
use crate::random::Random;

/// Between two voters of a worker, in milliseconds.
const PAUSE: u64 = 120;

/// New voters, one after the other.
pub(super) async fn run(scene: Arc<Scene>, poll: usize, mut random: Random) -> Vec<Submission> {
    let mut hand = Hand::new(scene.clone(), random.fork());
    let mut other = Hand::new(scene.clone(), random.fork());
    let mut all: Vec<Submission> = Vec::new();
    while !scene.over.is_cancelled() {
        let asked = all.len();
        match random.below(100) {
            0..12 => {
                // Two devices of one voter at once.
                let (voter, choice) = (Uuid::new_v4(), random.below(4));
                let ballot = |choice| one_of(&scene, poll, voter, choice);
                all.extend(at_once([&mut hand, &mut other], ballot(choice), ballot(choice + 1)).await);
            }
            12..20 => all.extend(key_used_twice(&scene, poll, &mut hand, &mut random).await),
            20..32 => all.push(answered_and_sent_again(&scene, poll, &mut hand, &mut random).await),
            _ => all.push(hand.submit(one_of(&scene, poll, Uuid::new_v4(), random.number())).await),
        }
        hand.ask_one_before(&mut all[..asked]).await;
        pause(&scene.over, Duration::from_millis(random.below(PAUSE))).await;
    }
    all
}

/// A ballot for one of the choices of the first question.
pub(super) fn one_of(scene: &Scene, poll: usize, voter: Uuid, choice: u64) -> Submission {
    let choices = scene.view(poll).questions[0].choices.len() as u64;
    submission(poll, voter, Kind::Cast, ballot([(0, [(choice % choices) as usize].as_slice())]))
}

/// A ballot, and after it was accepted another one under its key.
async fn key_used_twice(scene: &Scene, poll: usize, hand: &mut Hand, random: &mut Random) -> Vec<Submission> {
    let (voter, choice) = (Uuid::new_v4(), random.below(4));
    let first = hand.submit(one_of(scene, poll, voter, choice)).await;
    if first.outcome() != Outcome::Accepted {
        return vec![first];
    }
    let mut second = one_of(scene, poll, voter, choice + 1);
    second.key.clone_from(&first.key);
    let second = hand.submit(second).await;
    vec![first, second]
}

/// A ballot that is sent once more though it was answered.
async fn answered_and_sent_again(
    scene: &Scene,
    poll: usize,
    hand: &mut Hand,
    random: &mut Random,
) -> Submission {
    let mut submission = hand.submit(one_of(scene, poll, Uuid::new_v4(), random.number())).await;
    hand.again(&mut submission).await;
    submission
}
