//! Everything that counts a poll's votes comes to the same: responses, audit view, tallies, Redis, both gateways, and
//! what each viewer was shown last.

use std::collections::BTreeMap;

use pollster_integration::Counts;

use super::case::Case;
use super::{Findings, Source};

/// Every poll.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for (poll, state) in case.state.polls.iter().enumerate() {
        let Some(truth) = state.sources.first() else { continue };
        let version = state.version();
        let seen = case.history.tracks.iter().filter(|track| track.poll == poll).map(|track| {
            let last = track.sightings.last();
            let shown = last.map(|last| {
                let at = case.history.second(last.at);
                format!(" (last shown something by gateway {} at {at})", last.gateway)
            });
            Source {
                name: format!("{}{}", track.client, shown.unwrap_or_default()),
                version: Some(last.map_or(-1, |last| last.version)),
                counts: last.map_or_else(nothing, |last| last.counts.clone()),
            }
        });
        for source in state.sources.iter().cloned().chain(seen) {
            if source.counts != truth.counts {
                let (one, other) = (told(truth), told(&source));
                findings.violated("counts disagree", format!("poll {poll}: {one}, {other}"));
            } else if source.version.is_some() && source.version != version {
                let (name, told) = (source.name, source.version);
                findings
                    .violated("versions disagree", format!("poll {poll}: {name} {told:?}, not {version:?}"));
            }
        }
    }
}

fn nothing() -> Counts {
    Counts { total: 0, results: BTreeMap::new() }
}

fn told(source: &Source) -> String {
    let counts: Vec<String> = source.counts.results.values().map(i64::to_string).collect();
    let (name, version, total) = (&source.name, source.version, source.counts.total);
    format!("{name} {total} at version {version:?} [{}]", counts.join(" "))
}

#[cfg(test)]
mod tests;
