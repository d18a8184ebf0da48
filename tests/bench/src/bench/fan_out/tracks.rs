//! What the viewers of a crowd saw, and what can be said of it afterwards.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::error::FanOutError;
use super::ledger::Ledger;
use super::voters::Cast;

const SECOND: Duration = Duration::from_secs(1);

/// Results that a viewer was shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    pub(super) at: Instant,
    pub(super) version: u64,
}

/// One viewer's time.
#[derive(Debug, Clone, Default)]
pub(super) struct Track {
    pub(super) sightings: Vec<Sighting>,
    /// WebSockets that it opened.
    pub(super) connections: u32,
}

/// All of a crowd.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) tracks: Vec<Track>,
    pub(super) ledger: Ledger,
}

impl Seen {
    /// Frames with results, over all viewers.
    pub(super) fn frames(&self) -> usize {
        self.tracks.iter().map(|track| track.sightings.len()).sum()
    }

    /// The most frames that any viewer got within a second, wherever that second begins.
    pub(super) fn most_in_a_second(&self) -> usize {
        self.tracks.iter().map(Track::most_in_a_second).max().unwrap_or(0)
    }

    /// That every viewer ended with these votes, at this version, over so many connections.
    pub(super) fn check(&self, accepted: u64, newest: u64, connections: u32) -> Result<(), FanOutError> {
        for track in &self.tracks {
            let version = track.sightings.last().map_or(0, |last| last.version);
            let shown = self.ledger.total_votes(version);
            if (shown, version) != (accepted, newest) {
                return Err(FanOutError::WrongCounts { accepted, shown, version, newest });
            }
            if track.connections != connections {
                let (made, expected) = (track.connections, connections);
                return Err(FanOutError::Connections { made, expected });
            }
        }
        Ok(())
    }

    /// From `start` until each viewer was shown at least so many votes.
    pub(super) fn until_votes(&self, start: Instant, votes: u64) -> Vec<Duration> {
        let has = |sighting: &&Sighting| self.ledger.total_votes(sighting.version) >= votes;
        let first = self.tracks.iter().filter_map(|track| track.sightings.iter().find(has));
        first.map(|sighting| sighting.at.saturating_duration_since(start)).collect()
    }

    /// From when each marked vote of this time was due until each viewer was shown counts with it.
    pub(super) fn lags(&self, cast: &Cast, time: &Range<Instant>) -> Result<Vec<Duration>, FanOutError> {
        let due = cast.marked();
        let votes = due.iter().map(Vec::len).sum();
        let mut lags = Vec::new();
        for track in &self.tracks {
            let mut seen = vec![0; due.len()];
            for &Sighting { at, version } in &track.sightings {
                let counts = self.ledger.marks(version);
                for ((due, seen), &count) in due.iter().zip(&mut seen).zip(counts) {
                    let counted = newly_counted(due, seen, count);
                    let inside = counted.iter().filter(|&due| time.contains(due));
                    lags.extend(inside.map(|due| at.saturating_duration_since(*due)));
                }
            }
            let seen: usize = seen.iter().sum();
            if seen != votes {
                return Err(FanOutError::Unseen { seen, votes });
            }
        }
        Ok(lags)
    }
}

/// Of a choice's votes, those that a count holds beyond the `seen` ones, which they become.
fn newly_counted<'a>(due: &'a [Instant], seen: &mut usize, count: u64) -> &'a [Instant] {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let counted = &due[*seen..count.clamp(*seen, due.len())];
    *seen += counted.len();
    counted
}

impl Track {
    fn most_in_a_second(&self) -> usize {
        let mut first = 0;
        let within = self.sightings.iter().enumerate().map(|(last, sighting)| {
            while sighting.at - self.sightings[first].at >= SECOND {
                first += 1;
            }
            last - first + 1
        });
        within.max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
