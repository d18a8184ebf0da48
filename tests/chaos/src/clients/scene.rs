//! What all of a crowd share.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use pollster_integration::PollView;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::vote::{Answer, Ballot, Choices, Kind};
use uuid::Uuid;

use super::{Progress, Targets};
use crate::history::{Role, Submission};

/// Shared by all.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) targets: Targets,
    pub(super) started: Instant,
    /// Nobody begins to vote any more.
    pub(super) over: Shutdown,
    pub(super) progress: Progress,
    addresses: AtomicU32,
}

impl Scene {
    pub(super) fn new(targets: Targets) -> Self {
        Self {
            targets,
            started: Instant::now(),
            over: Shutdown::default(),
            progress: Progress::default(),
            addresses: AtomicU32::new(0),
        }
    }

    pub(super) fn view(&self, poll: usize) -> &PollView {
        &self.targets.polls[poll].view
    }

    pub(super) fn polls_of(&self, role: Role) -> impl Iterator<Item = usize> + Clone {
        let polls = self.targets.polls.iter().enumerate();
        polls.filter(move |(_, poll)| poll.role == role).map(|(place, _)| place)
    }

    /// An address that nobody has voted from.
    pub(super) fn address(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(
            Ipv4Addr::new(10, 0, 0, 1).to_bits() + self.addresses.fetch_add(1, Ordering::Relaxed),
        )
    }
}

/// A ballot under a new key.
pub(super) fn submission(poll: usize, voter: Uuid, kind: Kind, ballot: Ballot) -> Submission {
    Submission {
        poll,
        voter,
        address: None,
        kind,
        key: Uuid::new_v4().simple().to_string(),
        ballot,
        attempts: Vec::new(),
        seen_confirmed: None,
    }
}

/// The answers to some questions, by their positions with the positions of the choices.
pub(super) fn ballot<'a>(answers: impl IntoIterator<Item = (usize, &'a [usize])>) -> Ballot {
    let answer = |(question, choices): (usize, &[usize])| Answer {
        question: question as u8,
        choices: choices.iter().fold(Choices::default(), |set, choice| set.with(*choice)),
    };
    Ballot::new(answers.into_iter().map(answer).collect()).expect("questions, each once")
}
