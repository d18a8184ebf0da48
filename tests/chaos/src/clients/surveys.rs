//! Voters on several questions: all at once, one after the other, and two overlapping ballots at once.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::vote::Kind;
use uuid::Uuid;

use super::hand::{Hand, at_once};
use super::pause;
use super::scene::{Scene, ballot, submission};
use crate::history::Submission;
use crate::random::Random;

/// Between two voters of a worker, in milliseconds.
const PAUSE: u64 = 150;

/// New voters, one after the other.
pub(super) async fn run(scene: Arc<Scene>, poll: usize, mut random: Random) -> Vec<Submission> {
    let mut hand = Hand::new(scene.clone(), random.fork());
    let mut other = Hand::new(scene.clone(), random.fork());
    let mut all: Vec<Submission> = Vec::new();
    while !scene.over.is_cancelled() {
        let asked = all.len();
        let (voter, number) = (Uuid::new_v4(), random.below(12) as usize);
        let answers =
            |questions: &[usize], number| submission(poll, voter, Kind::Cast, chosen(questions, number));
        match random.below(100) {
            0..35 => all.push(hand.submit(answers(&[0, 1, 2], number)).await),
            35..70 => {
                all.push(hand.submit(answers(&[1], number)).await);
                all.push(hand.submit(answers(&[0, 2], number)).await);
            }
            70..80 => {
                // The second holds an answer to a question that the first has answered: all or none of it.
                all.push(hand.submit(answers(&[0, 1], number)).await);
                all.push(hand.submit(answers(&[1, 2], number + 1)).await);
            }
            _ => {
                let (first, second) = (answers(&[0, 1], number), answers(&[1, 2], number + 1));
                all.extend(at_once([&mut hand, &mut other], first, second).await);
            }
        }
        hand.ask_one_before(&mut all[..asked]).await;
        pause(&scene.over, Duration::from_millis(random.below(PAUSE))).await;
    }
    all
}

/// A ballot on these questions; ballots of numbers in a row differ on each.
fn chosen(questions: &[usize], number: usize) -> pollster_shared::vote::Ballot {
    let (one, two) = ([number % 3], [number % 4]);
    let some = [number % 4, (number + 1) % 4];
    let choices: [&[usize]; 3] = [&one, &two, &some];
    ballot(questions.iter().map(|question| (*question, choices[*question])))
}
