use super::super::made_up::{Run, accepted, confirmed};
use crate::history::Role;

#[test]
fn a_replay_is_told_the_same_vote() {
    for (second, violated) in [(1, vec![]), (2, vec!["another answer under the same key"])] {
        let mut run = Run::new();
        let ballot = run.casts(Role::Single, 1, &[(0, &[0])], 0, &[accepted(1), confirmed(second)]);
        run.counts(ballot);
        assert_eq!(run.violated(), violated);
    }
}
