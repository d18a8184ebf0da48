//! Runs that never were, to be judged.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use pollster_integration::{Counts, PollView};
use pollster_shared::vote::{Answer as Answered, Ballot, Choices, HashSecret, Kind, Voter};
use serde_json::json;
use uuid::Uuid;

use super::{FinalState, PollState, Row, Source, VoteStatus, check};
use crate::history::{Answer, Attempt, Channel, ChaosPoll, History, Role, Sighting, Submission, Track};
use crate::nemesis::{Inflicted, Loss};
use crate::verdict::Verdict;

const ROLES: [Role; 5] = [Role::Single, Role::Survey, Role::Changeable, Role::Address, Role::Closing];

/// What was told, and what there is.
pub(crate) struct Run {
    pub(crate) history: History,
    pub(crate) state: FinalState,
    pub(crate) faults: Vec<Inflicted>,
}

impl Run {
    /// A run in which nothing happened.
    pub(crate) fn new() -> Self {
        let polls = ROLES.map(|role| ChaosPoll { role, view: view(role) });
        let state = || PollState { sources: Vec::new(), rows: Vec::new(), is_final: true };
        Self {
            history: History {
                started: Instant::now(),
                polls: polls.into(),
                submissions: Vec::new(),
                tracks: Vec::new(),
            },
            state: FinalState {
                polls: ROLES.map(|_| state()).into(),
                statuses: HashMap::new(),
                unsettled: None,
                dead_letters: Vec::new(),
                secret: HashSecret::new("made up"),
            },
            faults: Vec::new(),
        }
    }

    /// A second of the run.
    pub(crate) fn at(&self, second: u64) -> Instant {
        self.history.started + Duration::from_secs(second)
    }

    pub(crate) fn poll(&self, role: Role) -> usize {
        self.history.polls_of(role).next().unwrap()
    }

    /// The voter of this number casts a ballot, an attempt a second from `second` on, each told this.
    pub(crate) fn casts(
        &mut self,
        role: Role,
        voter: u128,
        answers: &[(u8, &[usize])],
        second: u64,
        told: &[Answer],
    ) -> usize {
        self.sends(role, voter, Kind::Cast, answers, second, told)
    }

    /// The same with another kind of event.
    pub(crate) fn sends(
        &mut self,
        role: Role,
        voter: u128,
        kind: Kind,
        answers: &[(u8, &[usize])],
        second: u64,
        told: &[Answer],
    ) -> usize {
        let attempts = told.iter().enumerate().map(|(number, answer)| Attempt {
            gateway: number % 2,
            channel: Channel::Rest,
            invoked: self.at(second + number as u64),
            ended: self.at(second + number as u64 + 1),
            answer: answer.clone(),
        });
        let answered = answers.iter().map(|(question, choices)| Answered {
            question: *question,
            choices: choices.iter().fold(Choices::default(), |set, choice| set.with(*choice)),
        });
        self.history.submissions.push(Submission {
            poll: self.poll(role),
            voter: Uuid::from_u128(voter),
            address: None,
            kind,
            key: format!("key of {voter} at {second}"),
            ballot: Ballot::new(answered.collect()).unwrap(),
            attempts: attempts.collect(),
            seen_confirmed: None,
        });
        self.history.submissions.len() - 1
    }

    pub(crate) fn comes_from(&mut self, submission: usize, address: [u8; 4]) {
        self.history.submissions[submission].address = Some(Ipv4Addr::from(address));
    }

    pub(crate) fn sees_confirmed(&mut self, submission: usize, second: u64) {
        self.history.submissions[submission].seen_confirmed = Some(self.at(second));
    }

    /// The ballot counts, and reads so.
    pub(crate) fn counts(&mut self, submission: usize) {
        let counted = self.history.submissions[submission].clone();
        let voter = Voter::from_browser_token(&self.state.secret, counted.voter).to_uuid();
        let rows = &mut self.state.polls[counted.poll].rows;
        rows.extend(counted.answers().map(|(question, choices)| Row { question, voter, choices }));
        if counted.vote_id().is_some() {
            self.reads(submission, VoteStatus::Confirmed);
        }
    }

    pub(crate) fn reads(&mut self, submission: usize, status: VoteStatus) {
        let vote_id = self.history.submissions[submission].vote_id().unwrap();
        self.state.statuses.insert(vote_id, status);
    }

    /// Redis is emptied in this time.
    pub(crate) fn emptied(&mut self, from: u64, until: u64) {
        self.strikes("emptied", from, until);
        self.faults.last_mut().unwrap().loss = Some(Loss::Everything);
    }

    /// A server is hurt in this time.
    pub(crate) fn strikes(&mut self, fault: &'static str, from: u64, until: u64) {
        let (from, until) = (self.at(from), self.at(until));
        let target = "Redis".to_owned();
        let (strikes_a_server, loss, took_over) = (true, None, false);
        self.faults.push(Inflicted { fault, target, strikes_a_server, from, until, loss, took_over });
    }

    /// A client sees versions of the first poll's counts, with these totals, a second each.
    pub(crate) fn sees(&mut self, role: Role, client: &str, seen: &[(i64, i64)]) {
        let mut track = Track::new(client.to_owned(), self.poll(role));
        for (second, (version, total)) in seen.iter().enumerate() {
            let at = self.at(second as u64);
            let counts = counts(*total);
            track.sightings.push(Sighting { at, gateway: 0, version: *version, counts, is_final: false });
        }
        self.history.tracks.push(track);
    }

    pub(crate) fn source(&mut self, role: Role, name: &str, version: Option<i64>, total: i64) {
        let poll = self.poll(role);
        let source = Source { name: name.to_owned(), version, counts: counts(total) };
        self.state.polls[poll].sources.push(source);
    }

    pub(crate) fn verdict(&self) -> Verdict {
        check(&self.history, &self.state, &self.faults)
    }

    /// The rules that are violated.
    pub(crate) fn violated(&self) -> Vec<&'static str> {
        self.verdict().violations.iter().map(|violation| violation.rule).collect()
    }
}

/// Counts of a poll with one choice.
pub(crate) fn counts(total: i64) -> Counts {
    Counts { total, results: BTreeMap::from([("choice:a".to_owned(), total)]) }
}

pub(crate) fn accepted(vote: u128) -> Answer {
    Answer::Accepted { vote_id: Uuid::from_u128(vote), confirmed: false }
}

pub(crate) fn confirmed(vote: u128) -> Answer {
    Answer::Accepted { vote_id: Uuid::from_u128(vote), confirmed: true }
}

pub(crate) fn refused(code: &str) -> Answer {
    Answer::Refused { status: 409, code: code.to_owned() }
}

fn view(role: Role) -> PollView {
    let question = |choices: usize| {
        let choice = |number: usize| json!({"choice_id": Uuid::new_v4(), "text": number.to_string()});
        let choices: Vec<_> = (0..choices).map(choice).collect();
        json!({"question_id": Uuid::new_v4(), "choices": choices})
    };
    let questions: Vec<_> = (0..if role == Role::Survey { 3 } else { 1 }).map(|_| question(4)).collect();
    let view = json!({
        "poll_id": Uuid::new_v4(), "slug": "made-up", "url": "", "status": "active", "questions": questions,
    });
    serde_json::from_value(view).unwrap()
}
