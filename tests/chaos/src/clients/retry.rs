//! A ballot is sent again under its key until it is answered, or its voter has had enough.

use std::time::Duration;

use super::scene::Scene;
use crate::history::{Answer, Attempt, Submission};
use crate::random::Random;

/// A voter gives up after so many attempts.
const ATTEMPTS: usize = 8;
/// One attempt without an answer in so many is the last.
const GIVES_UP: u64 = 15;
/// The longest pause after the first attempt; it doubles with each.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);

/// What became of an attempt, and when the gateway asks to come again.
pub(super) struct Tried {
    pub(super) attempt: Attempt,
    pub(super) retry_after: Option<Duration>,
}

/// A way to send ballots to one of the two gateways.
pub(super) trait Way: Send {
    /// Sends the ballot once.
    fn send(&mut self, gateway: usize, submission: &Submission) -> impl Future<Output = Tried> + Send;
}

/// Sends the ballot until it is accepted or refused, or given up. The first attempt goes to `first`.
pub(super) async fn submit(
    way: &mut impl Way,
    scene: &Scene,
    random: &mut Random,
    first: usize,
    mut submission: Submission,
) -> Submission {
    let mut gateway = first;
    for number in 0..ATTEMPTS as u32 {
        let Tried { attempt, retry_after } = way.send(gateway, &submission).await;
        scene.progress.note(&attempt.answer);
        let done = is_settled(&attempt.answer);
        submission.attempts.push(attempt);
        if done || random.below(GIVES_UP) == 0 {
            break;
        }
        let longest = (FIRST * 2_u32.pow(number)).min(LONGEST);
        let backoff = Duration::from_millis(random.below(longest.as_millis() as u64));
        tokio::time::sleep(backoff.max(retry_after.unwrap_or_default().min(LONGEST))).await;
        gateway = random.below(2) as usize;
    }
    submission
}

/// Whether there is no reason to send it again.
fn is_settled(answer: &Answer) -> bool {
    match answer {
        Answer::Accepted { .. } => true,
        Answer::Refused { code, .. } => code != "overloaded",
        Answer::Unavailable(_) | Answer::Nothing | Answer::NotSent => false,
    }
}

#[cfg(test)]
mod tests;
