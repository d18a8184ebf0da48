use super::super::made_up::Run;
use crate::history::Role;

const NONE: [&str; 0] = [];

#[test]
fn versions_only_go_forward_for_each_client() {
    let mut run = Run::new();
    run.sees(Role::Single, "one", &[(1, 1), (3, 3), (3, 3)]);
    run.sees(Role::Single, "other", &[(2, 2)]);
    assert_eq!(run.violated(), NONE);
    run.sees(Role::Single, "third", &[(3, 3), (2, 2), (1, 1), (3, 3)]);
    assert_eq!(run.violated(), ["version", "version"]);
    run.history.tracks.pop();
    // Back is back from the newest, not from the last.
    run.sees(Role::Single, "fourth", &[(3, 3), (1, 1), (2, 2)]);
    assert_eq!(run.violated(), ["version", "version"]);
}

#[test]
fn one_version_is_the_same_counts_for_everybody() {
    let mut run = Run::new();
    run.sees(Role::Single, "one", &[(1, 1)]);
    run.sees(Role::Survey, "of another poll", &[(1, 2)]);
    assert_eq!(run.violated(), NONE);
    run.sees(Role::Single, "other", &[(1, 2)]);
    assert_eq!(run.violated(), ["one version, two counts"]);
}
