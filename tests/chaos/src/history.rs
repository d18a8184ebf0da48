//! What the clients of a run did and were told, and nothing else: all that the checker knows of the votes.

mod submission;
mod track;

use std::net::Ipv4Addr;
use std::time::Instant;

use pollster_integration::PollView;
use uuid::Uuid;

pub use submission::{Answer, Attempt, Channel, Outcome, Submission};
pub use track::{Sighting, Track};

/// What a poll is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// One question, votes that are final.
    Single,
    /// Several questions, answered at once or one after the other.
    Survey,
    /// Votes that may be changed and revoked.
    Changeable,
    /// One vote a browser and one an address.
    Address,
    /// Closed by its creator under load.
    Closing,
}

/// A poll of the run.
#[derive(Debug, Clone)]
pub struct ChaosPoll {
    /// What it is there for.
    pub role: Role,
    /// Its definition, with the token that manages it.
    pub view: PollView,
}

/// Everything that the clients did and saw. The ballots of one voter are in the order in which they were made; voters
/// are in none.
#[derive(Debug, Clone)]
pub struct History {
    /// When the run began: what moments are told relative to.
    pub started: Instant,
    /// The polls; others name them by their place here.
    pub polls: Vec<ChaosPoll>,
    /// Every ballot that was sent.
    pub submissions: Vec<Submission>,
    /// What each viewer and reader saw.
    pub tracks: Vec<Track>,
}

/// Who may vote once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Once {
    /// A browser, by its token.
    Browser(Uuid),
    /// An address, on polls that allow each one vote.
    Address(Ipv4Addr),
}

impl History {
    /// The polls of this role, by their places.
    pub fn polls_of(&self, role: Role) -> impl Iterator<Item = usize> {
        self.polls.iter().enumerate().filter(move |(_, poll)| poll.role == role).map(|(place, _)| place)
    }

    /// The first moment at which any client was told that the poll's results are final.
    pub fn final_since(&self, poll: usize) -> Option<Instant> {
        let sightings =
            self.tracks.iter().filter(|track| track.poll == poll).flat_map(|track| &track.sightings);
        sightings.filter(|sighting| sighting.is_final).map(|sighting| sighting.at).min()
    }

    /// A moment as people read it: seconds since the run began.
    pub fn second(&self, moment: Instant) -> String {
        format!("{:.1} s", moment.saturating_duration_since(self.started).as_secs_f64())
    }

    /// A submission with all that was told of it, for people.
    pub fn describe(&self, submission: &Submission) -> String {
        let attempts: Vec<String> = submission
            .attempts
            .iter()
            .map(|attempt| {
                let (sent, told) = (self.second(attempt.invoked), self.second(attempt.ended));
                format!(
                    "{sent} gateway {} {:?}: {} at {told}",
                    attempt.gateway, attempt.channel, attempt.answer
                )
            })
            .collect();
        let read = submission.seen_confirmed.map(|at| format!("; read confirmed at {}", self.second(at)));
        let (kind, key, ballot) = (submission.kind, &submission.key, submission.answers_for_people());
        format!("{kind:?} {ballot} under {key} [{}]{}", attempts.join("; "), read.unwrap_or_default())
    }
}
