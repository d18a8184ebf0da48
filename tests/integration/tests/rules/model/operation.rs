//! What may happen.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::strategy::Union;

/// Polls a case.
pub(super) const POLLS: usize = 2;
/// The one of them whose votes may be changed.
pub(super) const CHANGEABLE: usize = 1;
/// Questions a poll.
pub(super) const QUESTIONS: usize = 3;
/// Voters a poll; few, so that they vote again and again.
pub(super) const VOTERS: u8 = 12;
/// Aggregators.
pub(super) const WORKERS: usize = 2;

/// One step of a case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    /// A voter answers the questions in `questions` (bits) of a poll, under a key of its own.
    Cast { poll: usize, voter: u8, questions: u8, choice: u8 },
    /// A voter changes these answers.
    Change { voter: u8, questions: u8, choice: u8 },
    /// A voter takes everything back.
    Revoke { voter: u8 },
    /// The n-th ballot so far is sent again as it was.
    SendAgain(usize),
    /// Another ballot under the key of the n-th one so far.
    ReuseKey(usize),
    /// An aggregator does one stage, or dies and is replaced by one that knows nothing.
    Stage(usize, Stage),
    /// Counts read at the n-th publishing so far are published late.
    PublishOld(usize),
    /// Redis loses everything.
    Flush,
    /// A poll is closed in PostgreSQL.
    Close(usize),
    /// The marks of a closed poll are set.
    Mark(usize),
    /// A closed poll is finalized, if it can be.
    Finalize(usize),
}

/// What an aggregator does with what it has in hand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Read,
    Claim,
    Commit,
    Publish,
    Acknowledge,
    Crash,
    /// These, with nothing in between.
    Several(&'static [Stage]),
}

/// All that it does while nothing goes wrong.
pub(super) const ALL: Stage =
    Stage::Several(&[Stage::Read, Stage::Commit, Stage::Publish, Stage::Acknowledge]);
const DIES_AFTER_READING: Stage = Stage::Several(&[Stage::Read, Stage::Crash]);
const DIES_AFTER_COMMIT: Stage = Stage::Several(&[Stage::Read, Stage::Commit, Stage::Crash]);
const DIES_AFTER_PUBLISHING: Stage =
    Stage::Several(&[Stage::Read, Stage::Commit, Stage::Publish, Stage::Crash]);
const TAKES_OVER: Stage = Stage::Several(&[Stage::Claim, Stage::Commit, Stage::Publish, Stage::Acknowledge]);

/// Any operation: mostly votes and stages, seldom a loss or a close.
pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let stage = || {
        prop_oneof![
            3 => Just(Stage::Read),
            2 => Just(Stage::Claim),
            3 => Just(Stage::Commit),
            2 => Just(Stage::Publish),
            1 => Just(Stage::Acknowledge),
            1 => Just(Stage::Crash),
            4 => Just(ALL),
            1 => Just(DIES_AFTER_READING),
            2 => Just(DIES_AFTER_COMMIT),
            2 => Just(DIES_AFTER_PUBLISHING),
            2 => Just(TAKES_OVER),
        ]
    };
    let cast = (0..POLLS, 0..VOTERS, 1..1u8 << QUESTIONS, 1..7u8)
        .prop_map(|(poll, voter, questions, choice)| Operation::Cast { poll, voter, questions, choice });
    let change = (0..VOTERS, 1..1u8 << QUESTIONS, 1..7u8)
        .prop_map(|(voter, questions, choice)| Operation::Change { voter, questions, choice });
    let revoke = (0..VOTERS).prop_map(|voter| Operation::Revoke { voter });
    let polls = 0..POLLS;
    Union::new_weighted(vec![
        (36, cast.boxed()),
        (16, change.boxed()),
        (8, revoke.boxed()),
        (8, any::<usize>().prop_map(Operation::SendAgain).boxed()),
        (4, any::<usize>().prop_map(Operation::ReuseKey).boxed()),
        (40, (0..WORKERS, stage()).prop_map(|(worker, stage)| Operation::Stage(worker, stage)).boxed()),
        (6, any::<usize>().prop_map(Operation::PublishOld).boxed()),
        (2, Just(Operation::Flush).boxed()),
        (1, polls.clone().prop_map(Operation::Close).boxed()),
        (2, polls.clone().prop_map(Operation::Mark).boxed()),
        (6, polls.prop_map(Operation::Finalize).boxed()),
    ])
}
