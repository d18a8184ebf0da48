use super::super::made_up::Run;
use crate::history::Role;

const NONE: [&str; 0] = [];

fn agreed() -> Run {
    let mut run = Run::new();
    for (name, version) in
        [("responses", None), ("audit view", None), ("tallies", Some(3)), ("Redis", Some(3))]
    {
        run.source(Role::Single, name, version, 5);
    }
    run.sees(Role::Single, "viewer", &[(1, 2), (3, 5)]);
    run
}

#[test]
fn what_counts_the_same_votes_comes_to_the_same() {
    assert_eq!(agreed().violated(), NONE);
    for source in 1..4 {
        let mut run = agreed();
        run.state.polls[0].sources[source].counts.total = 6;
        assert_eq!(run.violated(), ["counts disagree"], "{source}");
    }
}

#[test]
fn another_version_is_seen() {
    let mut run = agreed();
    run.state.polls[0].sources[3].version = Some(2);
    assert_eq!(run.violated(), ["versions disagree"]);
}

#[test]
fn a_viewer_is_shown_the_last_counts() {
    let mut run = agreed();
    run.sees(Role::Single, "left behind", &[(1, 2)]);
    run.sees(Role::Single, "shown nothing", &[]);
    assert_eq!(run.violated(), ["counts disagree", "counts disagree"]);
}
