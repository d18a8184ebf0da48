//! What must be true, kept in plain maps: nothing here knows how it is done.

use std::collections::HashMap;

use pollster_shared::poll::Poll;
use pollster_shared::stream::accept::Outcome;
use pollster_shared::vote::{Answer, Cast, Digest, Voter};
use uuid::Uuid;

/// A voter's place on a question of a poll.
type Place = (Uuid, u8, Voter);

/// Everything that must hold at one moment of a case.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// Who is known to have voted what, until Redis forgets it.
    remembered: HashMap<Place, Digest>,
    /// The ballots that count, by the answers that they gave: for ever.
    counted: HashMap<Place, (Digest, Answer)>,
    /// Ballots that were accepted, that no loss of Redis has touched since, and that do not count yet.
    waiting: Vec<Cast>,
    /// Polls that PostgreSQL knows to be closed.
    closed: Vec<Uuid>,
    /// What the marks there are say: whether the poll takes no votes on that shard.
    marks: HashMap<(Uuid, u16), bool>,
}

fn places(cast: &Cast) -> impl Iterator<Item = (Place, Answer)> {
    cast.ballot.answers().iter().map(|answer| ((cast.poll_id, answer.question, cast.voter), *answer))
}

impl Expected {
    /// What acceptance must answer; an accepted ballot waits from now on.
    pub(super) fn accept(&mut self, cast: &Cast, poll: &Poll) -> Outcome {
        let questions = poll.questions.len() as u8;
        let seen = |question| self.remembered.get(&(cast.poll_id, question, cast.voter));
        let key = |digest: &Digest| digest.0[..4].to_vec();
        if (0..questions).any(|question| seen(question) == Some(&cast.digest)) {
            return Outcome::Replayed;
        }
        if (0..questions).filter_map(seen).any(|digest| key(digest) == key(&cast.digest)) {
            return Outcome::Mismatch;
        }
        let shard = (cast.poll_id, cast.voter.shard(poll.shards));
        // A cold shard asks PostgreSQL, once.
        if *self.marks.entry(shard).or_insert(self.closed.contains(&cast.poll_id)) {
            return Outcome::Closed;
        }
        let answered = cast.ballot.answers().iter().map(|answer| answer.question);
        let already: Vec<u8> = answered.filter(|&question| seen(question).is_some()).collect();
        if !already.is_empty() {
            return Outcome::AlreadyVoted(already);
        }
        self.remembered.extend(places(cast).map(|(place, _)| (place, cast.digest)));
        self.waiting.push(cast.clone());
        Outcome::Accepted
    }

    /// A ballot is committed: it counts if none of its questions is taken; then, or if it counted before,
    /// nobody has to wait for it any more.
    pub(super) fn commit(&mut self, cast: &Cast) {
        let taken = places(cast).any(|(place, _)| self.counted.contains_key(&place));
        if !taken {
            self.counted.extend(places(cast).map(|(place, answer)| (place, (cast.digest, answer))));
        }
        self.waiting.retain(|waiting| waiting != cast);
    }

    /// Redis has lost everything: what waits may be lost, what counts counts, and a closed poll is closed.
    pub(super) fn flush(&mut self) {
        self.remembered.clear();
        self.waiting.clear();
        self.marks.clear();
    }

    pub(super) fn close(&mut self, poll_id: Uuid) {
        self.closed.push(poll_id);
    }

    pub(super) fn is_closed(&self, poll_id: Uuid) -> bool {
        self.closed.contains(&poll_id)
    }

    /// Every shard says that the poll is closed.
    pub(super) fn mark(&mut self, poll: &Poll) {
        self.marks.extend((0..poll.shards).map(|shard| ((poll.poll_id, shard), true)));
    }

    /// Whether accepted ballots of the poll wait, which were not lost.
    pub(super) fn has_waiting(&self, poll_id: Uuid) -> bool {
        self.waiting.iter().any(|cast| cast.poll_id == poll_id)
    }

    /// The answers that count.
    pub(super) fn answers(&self, poll_id: Uuid) -> impl Iterator<Item = Answer> {
        let of_poll = self.counted.iter().filter(move |((poll, ..), _)| *poll == poll_id);
        of_poll.map(|(_, (_, answer))| *answer)
    }
}
