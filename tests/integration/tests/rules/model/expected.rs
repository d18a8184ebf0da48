//! What must be true, kept in plain maps: nothing here knows how it is done.

use std::collections::{BTreeSet, HashMap};

use pollster_shared::poll::Poll;
use pollster_shared::stream::accept::Outcome;
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Digest, Kind, Voter};
use uuid::Uuid;

use super::history::History;

/// A voter's place on a question of a poll.
type Place = (Uuid, u8, Voter);

/// Ballots that are remembered where votes may be changed.
const REMEMBERED: usize = 4;

/// What acceptance knows of a voter on a question.
#[derive(Debug, Default)]
struct Memory {
    /// The newest first.
    digests: Vec<Digest>,
    revoked: bool,
}

/// Everything that must hold at one moment of a case.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// Who is known to have voted what, until Redis forgets it.
    remembered: HashMap<Place, Memory>,
    /// What was committed: for ever.
    committed: HashMap<Place, History>,
    /// Ballots as they were accepted, that no loss of Redis has touched since, and that do not count yet.
    waiting: Vec<Cast>,
    /// The last ballot that was accepted since Redis was last emptied.
    last: HashMap<Place, (Kind, Choices)>,
    /// Whether Redis was ever emptied.
    forgot: bool,
    /// Polls that PostgreSQL knows to be closed.
    closed: BTreeSet<Uuid>,
    /// What the marks there are say: whether the poll takes no votes on that shard.
    marks: HashMap<(Uuid, u16), bool>,
}

fn places(cast: &Cast) -> impl Iterator<Item = (Place, Answer)> {
    cast.ballot.answers().iter().map(|answer| ((cast.poll_id, answer.question, cast.voter), *answer))
}

impl Expected {
    /// What acceptance must answer; an accepted ballot waits from now on.
    pub(super) fn accept(&mut self, cast: &Cast, poll: &Poll) -> Outcome {
        let questions = 0..poll.questions.len() as u8;
        let of_voter = questions.filter_map(|question| self.memory(cast, question));
        let digests: Vec<Digest> = of_voter.flat_map(|memory| memory.digests.clone()).collect();
        if digests.contains(&cast.digest) {
            return Outcome::Replayed;
        }
        if digests.iter().any(|digest| digest.0[..4] == cast.digest.0[..4]) {
            return Outcome::Mismatch;
        }
        let shard = (cast.poll_id, cast.voter.shard(poll.shards));
        // A cold shard asks PostgreSQL, once.
        if *self.marks.entry(shard).or_insert(self.closed.contains(&cast.poll_id)) {
            return Outcome::Closed;
        }
        let accepted = match self.admitted(cast) {
            Ok(accepted) => accepted,
            Err(outcome) => return outcome,
        };
        for (place, answer) in places(&accepted) {
            let memory = self.remembered.entry(place).or_default();
            memory.digests.insert(0, cast.digest);
            memory.digests.truncate(if poll.settings.allow_vote_change { REMEMBERED } else { 1 });
            memory.revoked = cast.kind == Kind::Revoke;
            self.last.insert(place, (accepted.kind, answer.choices));
        }
        self.waiting.push(accepted);
        Outcome::Accepted
    }

    /// The ballot as it is enqueued, or why it is not.
    fn admitted(&self, cast: &Cast) -> Result<Cast, Outcome> {
        let answers = cast.ballot.answers().iter();
        let has_revoked = |answer: &&Answer| self.memory(cast, answer.question).is_some_and(|m| m.revoked);
        if cast.kind == Kind::Revoke {
            let has_answered = |answer: &&Answer| match self.memory(cast, answer.question) {
                Some(memory) => !memory.revoked,
                None => self.stands(&(cast.poll_id, answer.question, cast.voter)).is_some(),
            };
            let ballot = Ballot::new(answers.filter(has_answered).copied().collect());
            return Ok(Cast { ballot: ballot.ok_or(Outcome::NotVoted)?, ..cast.clone() });
        }
        let has_voted = |answer: &&Answer| self.memory(cast, answer.question).is_some_and(|m| !m.revoked);
        let already: Vec<u8> = answers.clone().filter(has_voted).map(|answer| answer.question).collect();
        if cast.kind == Kind::Cast && !already.is_empty() {
            return Err(Outcome::AlreadyVoted(already));
        }
        // Who votes again after a revoke changes the vote.
        let kind = if answers.clone().any(|answer| has_revoked(&answer)) { Kind::Change } else { cast.kind };
        Ok(Cast { kind, ..cast.clone() })
    }

    fn memory(&self, cast: &Cast, question: u8) -> Option<&Memory> {
        self.remembered.get(&(cast.poll_id, question, cast.voter))
    }

    fn stands(&self, place: &Place) -> Option<Choices> {
        self.committed.get(place).and_then(History::stands)
    }

    /// A ballot of the place `order` is committed, on all of its questions or on none; nobody has to wait for it
    /// any more.
    pub(super) fn commit(&mut self, cast: &Cast, order: i64, changeable: bool) {
        self.waiting.retain(|waiting| waiting != cast);
        let histories = places(cast).filter_map(|(place, _)| self.committed.get(&place));
        let histories: Vec<&History> = histories.collect();
        if histories.iter().any(|history| history.knows(order, cast.digest, cast.kind)) {
            return;
        }
        let refused =
            cast.kind == Kind::Cast && histories.iter().any(|history| history.refuses(order, changeable));
        for (place, answer) in places(cast) {
            self.committed.entry(place).or_default().take(order, cast.digest, answer.choices, refused);
        }
    }

    /// Redis has lost everything: what waits may be lost, what counts counts, and a closed poll is closed.
    pub(super) fn flush(&mut self) {
        self.remembered.clear();
        self.waiting.clear();
        self.last.clear();
        self.marks.clear();
        self.forgot = true;
    }

    pub(super) fn close(&mut self, poll_id: Uuid) {
        self.closed.insert(poll_id);
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
        let of_poll = self.committed.keys().filter(move |(poll, ..)| *poll == poll_id);
        of_poll.filter_map(|place| Some(Answer { question: place.1, choices: self.stands(place)? }))
    }

    /// How many events of the poll's answers were counted, and how many refused.
    pub(super) fn events(&self, poll_id: Uuid) -> (usize, usize) {
        let of_poll = self.committed.iter().filter(|((poll, ..), _)| *poll == poll_id);
        of_poll.fold((0, 0), |(counted, refused), (_, history)| {
            (counted + history.counted(), refused + history.refused())
        })
    }

    /// Fails unless the last accepted ballot of each voter is what counts; but a cast which a Redis that had
    /// forgotten the voter accepted may have found another vote.
    pub(super) fn assert_last_stands(&self) {
        for (place, (kind, choices)) in &self.last {
            if *kind != Kind::Cast || !self.forgot {
                let expected = (!choices.is_empty()).then_some(*choices);
                assert_eq!(self.stands(place), expected, "the last event of {place:?}");
            }
        }
    }
}
