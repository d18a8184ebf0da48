//! A version never goes back for any client, whichever gateway it turns to, and is the same counts for everybody.

use std::collections::HashMap;

use pollster_integration::Counts;

use super::Findings;
use super::case::Case;
use crate::history::{Sighting, Track};

/// Everything that viewers and readers saw.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for track in &case.history.tracks {
        never_back(case, track, findings);
    }
    one_version_is_the_same_counts(case, findings);
}

fn never_back(case: &Case<'_>, track: &Track, findings: &mut Findings) {
    let mut newest: Option<&Sighting> = None;
    for sighting in &track.sightings {
        if let Some(newest) = newest.filter(|newest| sighting.version < newest.version) {
            let told = |it: &Sighting| {
                format!("{} at gateway {} at {}", it.version, it.gateway, case.history.second(it.at))
            };
            let faults = case.faults_around(newest.at, sighting.at);
            let (client, before, after) = (&track.client, told(newest), told(sighting));
            findings.violated("version", format!("{client}: {before}, then {after} | faults: {faults}"));
        }
        if newest.is_none_or(|newest| newest.version <= sighting.version) {
            newest = Some(sighting);
        }
    }
}

fn one_version_is_the_same_counts(case: &Case<'_>, findings: &mut Findings) {
    let mut counts: HashMap<(usize, i64), (&str, &Counts)> = HashMap::new();
    for track in &case.history.tracks {
        for sighting in &track.sightings {
            let key = (track.poll, sighting.version);
            let (client, first) = *counts.entry(key).or_insert((&track.client, &sighting.counts));
            if *first != sighting.counts {
                let at = case.history.second(sighting.at);
                let (version, other, shown) = (sighting.version, &track.client, &sighting.counts);
                let detail = format!("{version}: {client} saw {first:?}, {other} saw {shown:?} at {at}");
                findings.violated("one version, two counts", detail);
            }
        }
    }
}

#[cfg(test)]
mod tests;
