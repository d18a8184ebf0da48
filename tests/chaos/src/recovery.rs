//! How long clients felt that a server was hurt.

use std::fmt;
use std::time::{Duration, Instant};

use crate::history::{Answer, History, Role};
use crate::nemesis::Inflicted;

/// The polls that are voted on all the time.
const BUSY: [Role; 3] = [Role::Single, Role::Survey, Role::Changeable];

/// What clients had to wait for around a fault of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The fault's name.
    pub fault: &'static str,
    /// Whether another server has taken the place of one.
    pub took_over: bool,
    /// Whether nothing else was hurt meanwhile: otherwise these times are what it took at most.
    pub alone: bool,
    /// The longest time in which no vote was accepted.
    pub votes: Duration,
    /// The longest time in which some busy poll's counts did not move for anybody.
    pub counts: Duration,
}

/// That of each fault that struck a server, in the order in which they did.
pub fn recoveries(history: &History, faults: &[Inflicted]) -> Vec<Recovery> {
    let accepted = accepted(history);
    let moves: Vec<Vec<Instant>> =
        BUSY.iter().flat_map(|role| history.polls_of(*role)).map(|poll| moves(history, poll)).collect();
    let mut strikes: Vec<&Inflicted> = faults.iter().filter(|fault| fault.strikes_a_server).collect();
    strikes.sort_by_key(|fault| fault.from);
    let recovery = |fault: &&Inflicted| {
        let votes = longest_pause(&accepted, fault);
        let counts = moves.iter().map(|moves| longest_pause(moves, fault)).max().unwrap_or_default();
        let over = fault.until.max(fault.from + votes.max(counts));
        let near = faults.iter().filter(|other| other.from < over && other.until > fault.from);
        Recovery { fault: fault.fault, took_over: fault.took_over, alone: near.count() == 1, votes, counts }
    };
    strikes.iter().map(recovery).collect()
}

/// When votes were accepted.
fn accepted(history: &History) -> Vec<Instant> {
    let attempts = history.submissions.iter().flat_map(|submission| &submission.attempts);
    let accepted = attempts.filter(|attempt| matches!(attempt.answer, Answer::Accepted { .. }));
    let mut moments: Vec<Instant> = accepted.map(|attempt| attempt.ended).collect();
    moments.sort();
    moments
}

/// When anybody was first shown a newer version of the poll's counts.
fn moves(history: &History, poll: usize) -> Vec<Instant> {
    let tracks = history.tracks.iter().filter(|track| track.poll == poll);
    let mut sightings: Vec<_> = tracks.flat_map(|track| &track.sightings).collect();
    sightings.sort_by_key(|sighting| sighting.at);
    let mut newest = i64::MIN;
    sightings.retain(|sighting| {
        let is_newer = sighting.version > newest;
        newest = newest.max(sighting.version);
        is_newer
    });
    sightings.into_iter().map(|sighting| sighting.at).collect()
}

/// The longest time between two of these moments, of those that overlap the fault. One that began before counts from
/// the fault's beginning on.
fn longest_pause(moments: &[Instant], fault: &Inflicted) -> Duration {
    let pauses = moments.windows(2).filter(|pause| pause[1] > fault.from && pause[0] < fault.until);
    pauses.map(|pause| pause[1] - pause[0].max(fault.from)).max().unwrap_or_default()
}

/// All of a fault together.
struct Summary<'a> {
    fault: &'static str,
    recoveries: Vec<&'a Recovery>,
}

/// A table, a line for each fault.
pub(crate) fn write_table(f: &mut fmt::Formatter<'_>, recoveries: &[Recovery]) -> fmt::Result {
    let mut summaries: Vec<Summary<'_>> = Vec::new();
    for recovery in recoveries {
        match summaries.iter_mut().find(|summary| summary.fault == recovery.fault) {
            Some(summary) => summary.recoveries.push(recovery),
            None => summaries.push(Summary { fault: recovery.fault, recoveries: vec![recovery] }),
        }
    }
    if !summaries.is_empty() {
        writeln!(f, "seconds until votes are accepted and until counts move again, median and longest,")?;
        writeln!(f, "of those faults that struck alone, where some did:")?;
    }
    summaries.iter().try_for_each(|summary| writeln!(f, "{summary}"))
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alone = self.recoveries.iter().filter(|recovery| recovery.alone).count();
        let takeovers = self.recoveries.iter().filter(|recovery| recovery.took_over).count();
        let [votes, most_votes] = self.of(|recovery| recovery.votes);
        let [counts, most_counts] = self.of(|recovery| recovery.counts);
        write!(f, "{:>24} x{} ({alone} alone)", self.fault, self.recoveries.len())?;
        write!(f, "  votes {votes:>4.1} {most_votes:>4.1}  counts {counts:>4.1} {most_counts:>4.1}")?;
        if takeovers > 0 { write!(f, "  ({takeovers} taken over)") } else { Ok(()) }
    }
}

impl Summary<'_> {
    fn of(&self, time: impl Fn(&Recovery) -> Duration) -> [f64; 2] {
        let some_alone = self.recoveries.iter().any(|recovery| recovery.alone);
        let told = self.recoveries.iter().filter(|recovery| recovery.alone || !some_alone);
        let mut times: Vec<f64> = told.map(|recovery| time(recovery).as_secs_f64()).collect();
        times.sort_by(f64::total_cmp);
        [times[times.len() / 2], times[times.len() - 1]]
    }
}

#[cfg(test)]
mod tests;
