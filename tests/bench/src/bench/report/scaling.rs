//! A backlog drained by more and more aggregators.

use serde::Serialize;

use super::topologies::spread;
use crate::bench::scaling::{Cores, POLLS, ROUNDS, Waits};

/// Less than this is no limit: of all cores, of one, or of all sessions.
const NEARLY_ALL: f64 = 0.9;
/// A wait for the better part of the time is one.
const MOSTLY: f64 = 0.5;

/// All drains; after each, the places that count held exactly the votes of its backlog, and nothing was left over.
#[derive(Debug, Clone, Serialize)]
pub struct Scaling {
    /// Votes that waited.
    pub votes: u32,
    /// Polls that they were cast in.
    pub polls: usize,
    /// Drains with each number of aggregators.
    pub rounds: usize,
    /// By their number, from one.
    pub drains: Vec<ScaledDrains>,
    /// What kept the most aggregators from more.
    pub limit: Limit,
}

/// The drains with one number of aggregators; medians of the rounds unless it says otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct ScaledDrains {
    /// Their number.
    pub aggregators: usize,
    /// Votes counted a second, while all of them worked.
    pub votes_per_second: f64,
    /// From the start of the first until all votes were counted.
    pub seconds: f64,
    /// The rate as a part of that of one aggregator in the same round: the smallest, the median, the largest.
    pub ratios: [f64; 3],
    /// The part of the votes that an aggregator counted: the smallest, the median, the largest of all.
    pub shares: [f64; 3],
    /// CPU time of all of them a vote, in microseconds.
    pub aggregators_us: f64,
    /// Of Redis.
    pub redis_us: f64,
    /// Of PostgreSQL.
    pub postgres_us: f64,
    /// What the cores did.
    pub cores: Cores,
    /// What the aggregators' sessions did.
    pub sessions: Waits,
}

/// One drain.
#[derive(Debug, Clone)]
pub(in crate::bench) struct Drain {
    /// Its aggregators.
    pub(in crate::bench) aggregators: usize,
    /// Votes counted a second, while all of them worked.
    pub(in crate::bench) votes_per_second: f64,
    /// From the start of the first until all votes were counted.
    pub(in crate::bench) seconds: f64,
    /// Votes that each counted.
    pub(in crate::bench) counted: Vec<u64>,
    pub(in crate::bench) cores: Cores,
    pub(in crate::bench) sessions: Waits,
}

/// What was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// All cores of the machine.
    Cores,
    /// The same, but by other programs for the greater part: the figures tell of these.
    Others,
    /// Redis's one thread.
    Redis,
    /// The one thread of each aggregator.
    Aggregators,
    /// They waited for each other's locks in PostgreSQL.
    Locks,
    /// They waited for PostgreSQL's disk.
    Disk,
    /// None of these.
    Unknown,
}

impl Scaling {
    /// Of these rounds, each with the same numbers of aggregators, from one.
    pub(in crate::bench) fn of(votes: u32, rounds: &[Vec<Drain>]) -> Self {
        let numbers = rounds.first().map_or(0, Vec::len);
        let of_place = |place: usize| rounds.iter().map(move |round| (&round[0], &round[place]));
        let drains: Vec<_> =
            (0..numbers).map(|place| ScaledDrains::of(&of_place(place).collect::<Vec<_>>())).collect();
        let limit = drains.last().map_or(Limit::Unknown, ScaledDrains::limit);
        Self { votes, polls: POLLS, rounds: ROUNDS, drains, limit }
    }
}

impl ScaledDrains {
    /// Of drains with the same number, each beside that of its round with one.
    fn of(rounds: &[(&Drain, &Drain)]) -> Self {
        let median = |figure: &dyn Fn(&Drain) -> f64| {
            spread(rounds.iter().map(|(_, drain)| figure(drain)).collect())[1]
        };
        let cpu_us =
            |busy: &dyn Fn(&Cores) -> f64| median(&|drain| busy(&drain.cores) * 1e6 / drain.votes_per_second);
        let ratio = |(one, drain): &(&Drain, &Drain)| drain.votes_per_second / one.votes_per_second;
        Self {
            aggregators: rounds[0].1.aggregators,
            votes_per_second: median(&|drain| drain.votes_per_second),
            seconds: median(&|drain| drain.seconds),
            ratios: spread(rounds.iter().map(ratio).collect()),
            shares: spread(rounds.iter().flat_map(|(_, drain)| drain.shares()).collect()),
            aggregators_us: cpu_us(&|cores| cores.aggregators),
            redis_us: cpu_us(&|cores| cores.redis),
            postgres_us: cpu_us(&|cores| cores.postgres),
            cores: Cores {
                aggregators: median(&|drain| drain.cores.aggregators),
                redis: median(&|drain| drain.cores.redis),
                postgres: median(&|drain| drain.cores.postgres),
                others: median(&|drain| drain.cores.others),
                idle: median(&|drain| drain.cores.idle),
            },
            sessions: Waits {
                running: median(&|drain| drain.sessions.running),
                locks: median(&|drain| drain.sessions.locks),
                disk: median(&|drain| drain.sessions.disk),
                other: median(&|drain| drain.sessions.other),
            },
        }
    }

    /// What was used up: cores first, for who has none left also waits.
    fn limit(&self) -> Limit {
        let Cores { aggregators, redis, postgres, others, idle } = self.cores;
        let ours = aggregators + redis + postgres;
        let is_machine_busy = ours + others >= NEARLY_ALL * (ours + others + idle);
        let (number, Waits { locks, disk, .. }) = (self.aggregators as f64, self.sessions);
        if is_machine_busy && others > ours {
            Limit::Others
        } else if is_machine_busy {
            Limit::Cores
        } else if redis >= NEARLY_ALL {
            Limit::Redis
        } else if aggregators >= NEARLY_ALL * number {
            Limit::Aggregators
        } else if locks.max(disk) < MOSTLY {
            Limit::Unknown
        } else if locks >= disk {
            Limit::Locks
        } else {
            Limit::Disk
        }
    }
}

impl Drain {
    /// The part of the votes that each aggregator counted.
    fn shares(&self) -> impl Iterator<Item = f64> {
        let all: u64 = self.counted.iter().sum();
        self.counted.iter().map(move |&counted| counted as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Cores = Cores { aggregators: 0.3, redis: 0.2, postgres: 0.5, others: 0.0, idle: 1.0 };

    fn drain(votes_per_second: f64, counted: &[u64]) -> Drain {
        let (aggregators, sessions) = (counted.len(), Waits::default());
        Drain { aggregators, votes_per_second, seconds: 1.0, counted: counted.into(), cores: IDLE, sessions }
    }

    #[test]
    fn each_round_is_compared_with_one_aggregator_of_the_same_round() {
        let rounds = [
            vec![drain(100.0, &[10]), drain(150.0, &[4, 6])],
            vec![drain(50.0, &[10]), drain(100.0, &[5, 5])],
            vec![drain(10.0, &[10]), drain(11.0, &[2, 8])],
        ];
        let scaling = Scaling::of(10, &rounds);
        let [one, two] = &scaling.drains[..] else { panic!("{scaling:?}") };
        assert_eq!((one.aggregators, one.votes_per_second, one.ratios), (1, 50.0, [1.0; 3]));
        assert_eq!((two.aggregators, two.votes_per_second, two.ratios), (2, 100.0, [1.1, 1.5, 2.0]));
        assert_eq!((one.shares, two.shares), ([1.0; 3], [0.2, 0.5, 0.8]));
        assert_eq!((one.postgres_us, two.redis_us), (1e4, 2e3));
    }

    #[test]
    fn the_limit_is_what_was_used_up() {
        let two = Scaling::of(10, &[vec![drain(1.0, &[1]), drain(1.0, &[1, 1])]]).drains.remove(1);
        let limit = |cores, [locks, disk]: [f64; 2]| {
            ScaledDrains { cores, sessions: Waits { locks, disk, ..Waits::default() }, ..two.clone() }.limit()
        };
        let waiting = [0.7, 0.6];
        assert_eq!(limit(Cores { postgres: 1.4, idle: 0.1, ..IDLE }, waiting), Limit::Cores);
        assert_eq!(limit(Cores { others: 1.1, idle: 0.1, ..IDLE }, waiting), Limit::Others);
        assert_eq!(limit(Cores { redis: 0.95, ..IDLE }, waiting), Limit::Redis);
        assert_eq!(limit(Cores { aggregators: 1.9, ..IDLE }, waiting), Limit::Aggregators);
        assert_eq!(limit(IDLE, waiting), Limit::Locks);
        assert_eq!(limit(IDLE, [0.6, 0.7]), Limit::Disk);
        assert_eq!(limit(IDLE, [0.4, 0.4]), Limit::Unknown);
    }
}
