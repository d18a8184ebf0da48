//! All that is held against each other, arranged for the rules.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use pollster_shared::vote::{Choices, Voter};
use uuid::Uuid;

use super::FinalState;
use crate::history::{History, Once, Role, Submission};
use crate::nemesis::{Inflicted, Loss};

/// Faults so close to a moment are told with it.
const CLOSE: Duration = Duration::from_secs(3);

/// Longer than any accepted ballot of a run waits to be committed: PostgreSQL is never away for half as long.
const UNCOMMITTED: Duration = Duration::from_secs(20);

/// One run.
pub(super) struct Case<'a> {
    pub(super) history: &'a History,
    pub(super) state: &'a FinalState,
    faults: &'a [Inflicted],
    /// What stands, by poll, voter and question. No choices: revoked.
    rows: HashMap<(usize, Uuid, u8), Choices>,
    /// Every ballot of a voter on a poll, in the order in which they were first sent.
    voters: BTreeMap<(usize, Uuid), Vec<&'a Submission>>,
    /// Every ballot on a poll that may come from this one once.
    once: HashMap<(usize, Once), Vec<&'a Submission>>,
}

impl<'a> Case<'a> {
    pub(super) fn new(history: &'a History, state: &'a FinalState, faults: &'a [Inflicted]) -> Self {
        let mut voters: BTreeMap<(usize, Uuid), Vec<&Submission>> = BTreeMap::new();
        let mut once: HashMap<(usize, Once), Vec<&Submission>> = HashMap::new();
        for submission in &history.submissions {
            voters.entry((submission.poll, submission.voter)).or_default().push(submission);
            for sender in submission.once() {
                once.entry((submission.poll, sender)).or_default().push(submission);
            }
        }
        let rows = state.polls.iter().enumerate().flat_map(|(poll, state)| {
            state.rows.iter().map(move |row| ((poll, row.voter, row.question), row.choices))
        });
        Self { history, state, faults, rows: rows.collect(), voters, once }
    }

    /// Each voter of the polls of these roles, with all of their ballots there.
    pub(super) fn voters(&self, roles: &[Role]) -> impl Iterator<Item = (usize, Uuid, &[&'a Submission])> {
        let of_roles = move |poll: usize| roles.contains(&self.history.polls[poll].role);
        let voters = self.voters.iter().filter(move |((poll, _), _)| of_roles(*poll));
        voters.map(|((poll, voter), submissions)| (*poll, *voter, submissions.as_slice()))
    }

    /// What stands of a voter on a question.
    pub(super) fn stands(&self, poll: usize, voter: Uuid, question: u8) -> Option<Choices> {
        self.rows.get(&(poll, self.hash(voter), question)).copied()
    }

    /// The voter's name in the database.
    pub(super) fn hash(&self, voter: Uuid) -> Uuid {
        Voter::from_browser_token(&self.state.secret, voter).to_uuid()
    }

    /// Whether each of the ballot's answers is what stands there.
    pub(super) fn counts(&self, submission: &Submission) -> bool {
        submission.answers().all(|answer| self.answer_counts(submission, answer))
    }

    /// Whether one of the ballot's answers is what stands there.
    pub(super) fn answer_counts(&self, submission: &Submission, (question, choices): (u8, Choices)) -> bool {
        self.stands(submission.poll, submission.voter, question) == Some(choices)
    }

    /// Other ballots of which no question that this one answers may count together with it.
    pub(super) fn rivals(&self, submission: &'a Submission) -> impl Iterator<Item = &'a Submission> {
        let overlaps =
            |other: &Submission| submission.answers().any(|(question, _)| other.choices(question).is_some());
        let senders = submission.once().filter_map(|sender| self.once.get(&(submission.poll, sender)));
        let others = senders.flatten().copied().filter(|other| !std::ptr::eq(*other, submission));
        others.filter(move |other| overlaps(other))
    }

    /// What Redis may have lost at this moment or while what it had then may not have been committed yet.
    fn lost_soon_after(&self, moment: Instant) -> Option<Loss> {
        let is_soon = |fault: &&Inflicted| fault.until >= moment && fault.from <= moment + UNCOMMITTED;
        let losses = || self.faults.iter().filter(is_soon).filter_map(|fault| fault.loss);
        losses().find(|loss| *loss == Loss::Everything).or_else(|| losses().next())
    }

    /// By which of the named exceptions an accepted ballot may be lost: Redis was not what it was soon after it had the
    /// ballot, and nobody had seen the ballot confirmed.
    pub(super) fn excuse(&self, submission: &Submission) -> Option<Loss> {
        // It was accepted at some time after this.
        let sent = submission.accepted().map(|attempt| attempt.invoked);
        sent.filter(|_| submission.confirmed_at().is_none()).and_then(|sent| self.lost_soon_after(sent))
    }

    /// All ballots of a voter with the faults around them, for people.
    pub(super) fn story(&self, submissions: &[&Submission]) -> String {
        let told: Vec<String> =
            submissions.iter().map(|submission| self.history.describe(submission)).collect();
        let moments: Vec<Instant> = submissions
            .iter()
            .flat_map(|submission| &submission.attempts)
            .flat_map(|attempt| [attempt.invoked, attempt.ended])
            .collect();
        let faults = match (moments.iter().min(), moments.iter().max()) {
            (Some(first), Some(last)) => self.faults_around(*first, *last),
            _ => String::new(),
        };
        let poll = submissions.first().map(|submission| self.history.polls[submission.poll].role);
        format!("{poll:?}: {} | faults: {faults}", told.join(" | "))
    }

    /// The faults close to this time, for people.
    pub(super) fn faults_around(&self, from: Instant, until: Instant) -> String {
        let close =
            self.faults.iter().filter(|fault| fault.from <= until + CLOSE && fault.until + CLOSE >= from);
        let told = close.map(|fault| {
            let (from, until) = (self.history.second(fault.from), self.history.second(fault.until));
            format!("{} {} {from} to {until}", fault.fault, fault.target)
        });
        told.collect::<Vec<_>>().join(", ")
    }
}
