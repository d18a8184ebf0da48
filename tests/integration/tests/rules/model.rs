//! The whole against a plain model: random sequences of votes, changes, revokes, retries, crashes between any two stages,
//! losses of Redis and closings, each compared with what must count.
//!
//! The sequences are the same in every run. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` give more or others;
//! a sequence that fails is shrunk and printed.

mod closings;
mod expected;
mod hand;
mod history;
mod operation;
mod run;
mod viewer;

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::stages::bed::Bed;
use operation::operation;

const CASES: u32 = 48;
const OPERATIONS: RangeInclusive<usize> = 20..=60;
const SEED: u64 = 20_261_122;

#[test]
fn whatever_happens_exactly_the_votes_that_must_count_are_counted() {
    let mut config = Config { max_shrink_iters: 150, failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bed = runtime.block_on(Bed::start());
    let outcome = TestRunner::new(config).run(&vec(operation(), OPERATIONS), |operations| {
        runtime.block_on(run::run(&bed, &operations));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
