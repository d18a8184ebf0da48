//! Voters on a poll that allows one vote an address; some share theirs.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::casters::one_of;
use super::hand::{Hand, at_once};
use super::pause;
use super::scene::Scene;
use crate::history::Submission;
use crate::random::Random;

/// Between two voters of a worker, in milliseconds.
const PAUSE: u64 = 150;

/// New voters, one after the other.
pub(super) async fn run(scene: Arc<Scene>, poll: usize, mut random: Random) -> Vec<Submission> {
    let mut hand = Hand::new(scene.clone(), random.fork());
    let mut other = Hand::new(scene.clone(), random.fork());
    let mut all: Vec<Submission> = Vec::new();
    let mut last = scene.address();
    while !scene.over.is_cancelled() {
        let asked = all.len();
        let number = random.below(4);
        let voter = |address: Ipv4Addr, choice| Submission {
            address: Some(address),
            ..one_of(&scene, poll, Uuid::new_v4(), choice)
        };
        match random.below(100) {
            0..20 => {
                // Two neighbours at once.
                last = scene.address();
                let (first, second) = (voter(last, number), voter(last, number + 1));
                all.extend(at_once([&mut hand, &mut other], first, second).await);
            }
            20..40 => all.push(hand.submit(voter(last, number)).await),
            _ => {
                last = scene.address();
                all.push(hand.submit(voter(last, number)).await);
            }
        }
        hand.ask_one_before(&mut all[..asked]).await;
        pause(&scene.over, Duration::from_millis(random.below(PAUSE))).await;
    }
    all
}
