//! Which fault comes when: a function of the seed, so that a run can be had again.

use std::time::Duration;

use super::fault::Fault;
use crate::random::Random;

/// How many faults there are at once at most.
pub const LANES: usize = 2;
/// Nothing is hurt before, so that there is something to lose.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long a lane rests between two faults, in milliseconds from and to.
const REST: (u64, u64) = (300, 2000);

/// A fault and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub fault: Fault,
    /// When, from the run's beginning on.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// Which of the lanes does it, one after the other.
    pub lane: usize,
}

impl Step {
    fn end(&self) -> Duration {
        self.at + self.lasts
    }
}

/// The faults of a run of this length: one of each kind that `allows` leaves, in an order by chance, and so on
/// again. Redis is emptied only the first time round, or too little would be left to be held to.
pub fn plan(seed: u64, length: Duration, allows: impl Fn(Fault) -> bool) -> Vec<Step> {
    let mut random = Random::new(seed);
    let mut steps: Vec<Step> = Vec::new();
    let mut free = [WARM_UP; LANES];
    for round in 0.. {
        let mut bag = Fault::one_of_each(&mut random);
        bag.retain(|fault| allows(*fault) && (round == 0 || !fault.empties_redis()));
        random.shuffle(&mut bag);
        if bag.is_empty() {
            break;
        }
        for fault in bag {
            let lane = usize::from(free[1] < free[0]);
            let at = steps
                .iter()
                .filter(|other| other.fault.target() == fault.target())
                .map(Step::end)
                .fold(free[lane], Duration::max);
            let step = Step { fault, at, lasts: chosen(&mut random, fault.milliseconds()), lane };
            if step.end() > length {
                return steps;
            }
            free[lane] = step.end() + chosen(&mut random, REST);
            steps.push(step);
        }
    }
    steps
}

fn chosen(random: &mut Random, (from, to): (u64, u64)) -> Duration {
    Duration::from_millis(random.between(from, to))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const TWO_MINUTES: Duration = Duration::from_secs(120);

    fn names(steps: &[Step]) -> BTreeSet<&'static str> {
        steps.iter().map(|step| step.fault.name()).collect()
    }

    #[test]
    fn a_plan_follows_from_its_seed_alone() {
        assert_eq!(plan(7, TWO_MINUTES, |_| true), plan(7, TWO_MINUTES, |_| true));
        assert_ne!(plan(7, TWO_MINUTES, |_| true), plan(8, TWO_MINUTES, |_| true));
    }

    #[test]
    fn two_minutes_hold_every_fault() {
        let all: BTreeSet<_> = Fault::one_of_each(&mut Random::new(0)).into_iter().map(Fault::name).collect();
        for seed in 0..1000 {
            assert_eq!(names(&plan(seed, TWO_MINUTES, |_| true)), all, "seed {seed}");
        }
    }

    #[test]
    fn all_is_over_in_time_and_nothing_is_struck_twice_at_once() {
        for seed in 0..100 {
            let steps = plan(seed, TWO_MINUTES, |_| true);
            for (place, step) in steps.iter().enumerate() {
                assert!(step.end() <= TWO_MINUTES);
                for other in &steps[..place] {
                    let apart = other.end() <= step.at || step.end() <= other.at;
                    let shared = other.lane == step.lane || other.fault.target() == step.fault.target();
                    assert!(apart || !shared, "seed {seed}: {other:?} and {step:?}");
                }
            }
        }
    }

    #[test]
    fn redis_is_emptied_once_each_way() {
        let steps = plan(1, 10 * TWO_MINUTES, |_| true);
        assert_eq!(steps.iter().filter(|step| step.fault.empties_redis()).count(), 2);
    }

    #[test]
    fn only_what_is_allowed_is_planned() {
        let steps = plan(1, TWO_MINUTES, |fault| fault.name() == "kill-gateway");
        assert!(steps.len() > 10);
        assert_eq!(names(&steps), BTreeSet::from(["kill-gateway"]));
    }
}
