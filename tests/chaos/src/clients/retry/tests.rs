use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use pollster_shared::vote::Kind;
use uuid::Uuid;

use super::super::Targets;
use super::super::scene::{ballot, submission};
use super::*;
use crate::history::{Channel, Outcome};

/// Gives these answers.
struct Scripted {
    answers: VecDeque<Answer>,
    keys: Vec<String>,
}

impl Way for Scripted {
    async fn send(&mut self, gateway: usize, submission: &Submission) -> Tried {
        self.keys.push(submission.key.clone());
        let (invoked, ended) = (Instant::now(), Instant::now());
        let answer = self.answers.pop_front().unwrap_or(Answer::Nothing);
        let attempt = Attempt { gateway, channel: Channel::Rest, invoked, ended, answer };
        Tried { attempt, retry_after: None }
    }
}

/// Answers until somebody gives up by chance do not count: a seed by which nobody does.
const PATIENT: u64 = 4;

async fn submitted(answers: &[Answer]) -> (Submission, Vec<String>) {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let targets = Targets { gateways: [nowhere; 2], polls: Vec::new(), close_after: Duration::ZERO };
    let mut way = Scripted { answers: answers.to_vec().into(), keys: Vec::new() };
    let cast = submission(0, Uuid::nil(), Kind::Cast, ballot([(0, [0].as_slice())]));
    let mut random = Random::new(PATIENT);
    let submission = submit(&mut way, &Scene::new(targets), &mut random, 0, cast).await;
    (submission, way.keys)
}

fn refused(code: &str) -> Answer {
    Answer::Refused { status: 0, code: code.to_owned() }
}

#[tokio::test]
async fn a_ballot_is_sent_under_its_key_until_it_is_accepted() {
    let accepted = Answer::Accepted { vote_id: Uuid::nil(), confirmed: false };
    let unavailable = Answer::Unavailable("unavailable".to_owned());
    let (submission, keys) =
        submitted(&[Answer::NotSent, unavailable, refused("overloaded"), accepted, Answer::Nothing]).await;
    assert_eq!((submission.outcome(), submission.attempts.len()), (Outcome::Accepted, 4));
    assert!(keys.iter().all(|key| *key == submission.key));
}

#[tokio::test]
async fn what_is_refused_is_not_sent_again() {
    let (submission, keys) = submitted(&[Answer::Nothing, refused("already_voted")]).await;
    assert_eq!((submission.outcome(), keys.len()), (Outcome::Unknown, 2));
}

#[tokio::test]
async fn a_voter_gives_up_in_the_end() {
    let (submission, _) = submitted(&[]).await;
    assert_eq!((submission.outcome(), submission.attempts.len()), (Outcome::Unknown, ATTEMPTS));
}
