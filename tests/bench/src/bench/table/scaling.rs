//! Drains, some lines for each number of aggregators.

use std::fmt;

use super::{row, whole};
use crate::bench::report::{Limit, ScaledDrains, Scaling};
use crate::bench::scaling::{Cores, Waits};

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { votes, polls, rounds, drains, limit } = self;
        let votes = whole(f64::from(*votes));
        writeln!(
            f,
            "A backlog of {} votes in {polls} polls, drained {rounds} times each by turns",
            votes.trim()
        )?;
        drains.iter().try_for_each(|drains| write!(f, "{drains}"))?;
        let busiest = drains.last().map_or("nothing", |drains| busiest(&drains.cores));
        row(f, "limited by", format_args!("{limit}; most of what is busy is {busiest}"))?;
        let places = "responses, tallies and Redis's counts";
        row(f, "", format_args!("(after every drain {places} were what was accepted; nothing pending)"))
    }
}

impl fmt::Display for ScaledDrains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, rate, seconds) = (self.aggregators, whole(self.votes_per_second), self.seconds);
        let [least, median, most] = self.ratios;
        let name = format!("{number} aggregator{}", if number == 1 { "" } else { "s" });
        match number {
            1 => row(f, &name, format_args!("{rate} votes/s   all in {seconds:.1} s"))?,
            _ => {
                let ratios = format!("{median:.2} of one ({least:.2} to {most:.2})");
                row(f, &name, format_args!("{rate} votes/s   all in {seconds:.1} s   {ratios}"))?;
                let [least, _, most] = self.shares.map(|share| 100.0 * share);
                row(f, "  share of each", format_args!("{least:>12.0} to {most:.0} %"))?;
            }
        }
        let Self { aggregators_us, redis_us, postgres_us, .. } = self;
        let parts = format!("{aggregators_us:.1}, Redis {redis_us:.1}, PostgreSQL {postgres_us:.1} us");
        row(f, "  CPU a vote", format_args!("aggregators {parts}"))?;
        let Cores { aggregators, redis, postgres, others, idle } = self.cores;
        let parts =
            format!("{aggregators:.2}, Redis {redis:.2}, PostgreSQL {postgres:.2}, others {others:.2}");
        row(f, "  cores busy", format_args!("aggregators {parts}, idle {idle:.2}"))?;
        let Waits { running, locks, disk, other } = self.sessions;
        let parts = format!("{running:.2} run, {locks:.2} wait for locks, {disk:.2} for the disk");
        row(f, "  sessions in PostgreSQL", format_args!("{parts}, {other:.2} for else"))
    }
}

/// Who has most of the cores.
fn busiest(cores: &Cores) -> &'static str {
    let Cores { aggregators, redis, postgres, others, .. } = *cores;
    let all =
        [(aggregators, "the aggregators"), (redis, "Redis"), (postgres, "PostgreSQL"), (others, "others")];
    all.into_iter().max_by(|(a, _), (b, _)| a.total_cmp(b)).map_or("nothing", |(_, name)| name)
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cores => "the machine: its cores are busy nearly all the time",
            Self::Others => "other programs: they have most of the cores; measure again without them",
            Self::Redis => "Redis: its one thread is busy nearly all the time",
            Self::Aggregators => "the aggregators: the one thread of each is busy nearly all the time",
            Self::Locks => "PostgreSQL: batches wait for each other's locks",
            Self::Disk => "PostgreSQL: batches wait for its disk",
            Self::Unknown => "none of cores, threads, locks and disk",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_is_named() {
        let cores = Cores { aggregators: 0.3, redis: 0.2, postgres: 0.9, others: 0.1, idle: 0.5 };
        assert_eq!(busiest(&cores), "PostgreSQL");
        assert_eq!(busiest(&Cores { others: 1.0, ..cores }), "others");
    }
}
