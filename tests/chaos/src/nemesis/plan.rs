//! Which fault comes when: a function of the seed, so that a run can be had again.

use std::time::Duration;

use super::Fault;
use crate::random::Random;
use crate::topology::Topology;

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

    /// When its target is as before, as far as is known.
    fn recovered(&self) -> Duration {
        self.end() + Duration::from_millis(self.fault.recovers_within())
    }
}

/// The faults of a run of this length: one of each kind that `allows` leaves, in an order by chance, and so on
/// again. Redis is emptied only the first time round, or too little would be left to be held to.
pub fn plan(seed: u64, length: Duration, topology: Topology, allows: impl Fn(Fault) -> bool) -> Vec<Step> {
    let mut random = Random::new(seed);
    let mut steps: Vec<Step> = Vec::new();
    let mut free = [WARM_UP; LANES];
    for round in 0.. {
        let mut bag = Fault::of_each_kind(topology, &mut random);
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
                .map(Step::recovered)
                .fold(free[lane], Duration::max);
            let step = Step { fault, at, lasts: chosen(&mut random, fault.milliseconds()), lane };
            if step.recovered() > length {
                return steps;
            }
            free[lane] = step.recovered() + chosen(&mut random, REST);
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

    fn planned(seed: u64, topology: Topology) -> Vec<Step> {
        plan(seed, TWO_MINUTES, topology, |_| true)
    }

    #[test]
    fn a_plan_follows_from_its_seed_and_topology_alone() {
        for topology in Topology::ALL {
            assert_eq!(planned(7, topology), planned(7, topology));
            assert_ne!(planned(7, topology), planned(8, topology));
        }
    }

    #[test]
    fn two_minutes_hold_every_fault() {
        for topology in Topology::ALL {
            let all = Fault::of_each_kind(topology, &mut Random::new(0));
            let all: BTreeSet<_> = all.into_iter().map(Fault::name).collect();
            for seed in 0..1000 {
                assert_eq!(names(&planned(seed, topology)), all, "{topology:?}, seed {seed}");
            }
        }
    }

    #[test]
    fn all_is_over_in_time_and_nothing_is_struck_twice_at_once() {
        for (seed, topology) in (0..100).flat_map(|seed| Topology::ALL.map(|topology| (seed, topology))) {
            let steps = planned(seed, topology);
            for (place, step) in steps.iter().enumerate() {
                assert!(step.recovered() <= TWO_MINUTES);
                for other in &steps[..place] {
                    let apart = other.recovered() <= step.at || step.recovered() <= other.at;
                    let shared = other.lane == step.lane || other.fault.target() == step.fault.target();
                    assert!(apart || !shared, "{topology:?}, seed {seed}: {other:?} and {step:?}");
                }
            }
        }
    }

    #[test]
    fn redis_is_emptied_once_each_way() {
        let steps = plan(1, 10 * TWO_MINUTES, Topology::Single, |_| true);
        assert_eq!(steps.iter().filter(|step| step.fault.empties_redis()).count(), 2);
    }

    #[test]
    fn only_what_is_allowed_is_planned() {
        let steps = plan(1, TWO_MINUTES, Topology::Single, |fault| fault.name() == "kill-gateway");
        assert!(steps.len() > 10);
        assert_eq!(names(&steps), BTreeSet::from(["kill-gateway"]));
    }
}
