//! The report for people.

use std::fmt;

use super::raw::{BATCH, DEPTH};
use super::report::{HotPoll, Latency, Machine, Raw, Report, Votes};

mod archive;
mod fan_out;
mod faults;
mod logins;
mod scaling;
mod telemetry;
mod topologies;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.machine)?;
        self.hot_poll.iter().try_for_each(|hot_poll| write!(f, "\n{hot_poll}"))?;
        self.login_floods.iter().try_for_each(|flood| write!(f, "\n{flood}"))?;
        self.fan_out.iter().try_for_each(|fan_out| write!(f, "\n{fan_out}"))?;
        self.faults.iter().try_for_each(|faults| write!(f, "\n{faults}"))?;
        self.archive.iter().try_for_each(|archive| write!(f, "\n{archive}"))?;
        if !self.topologies.is_empty() {
            writeln!(f)?;
            topologies::write_head(f)?;
        }
        self.topologies.iter().try_for_each(|rates| write!(f, "{rates}"))?;
        self.scaling.iter().try_for_each(|scaling| write!(f, "\n{scaling}"))?;
        self.telemetry.iter().try_for_each(|telemetry| write!(f, "\n{telemetry}"))
    }
}

impl fmt::Display for HotPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The servers by themselves\n{}", self.raw)?;
        writeln!(f, "\nAccess tokens by themselves")?;
        row(f, "CPU to verify one (HS256)", format_args!("{:>12.1} us", self.token_verification_us))?;
        let Votes { connections, seconds, .. } = &self.votes;
        writeln!(f, "\nVotes in one hot poll of 4 choices, {connections} connections, {seconds:.1} s")?;
        write_votes(f, &self.votes, &self.raw)?;
        row(f, "visible to a viewer after", &self.visible)?;
        let samples = self.visible.samples;
        row(f, "", format_args!("({samples} single votes in idle polls beside it)"))?;
        writeln!(f, "\nCPU an accepted vote")?;
        for share in &self.cpu {
            row(f, share.process, format_args!("{:>12.1} us", share.microseconds_a_vote))?;
        }
        let sum: f64 = self.cpu.iter().map(|share| share.microseconds_a_vote).sum();
        row(f, "all", format_args!("{sum:>12.1} us"))
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cores, the load generator on them as well", self.cores)?;
        match self.load_average {
            Some(average) => write!(f, "; load average before: {average:.2}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inserts = format!("PostgreSQL, batches of {BATCH}");
        row(f, &inserts, format_args!("{} rows/s, durable", whole(self.inserts_per_second)))?;
        let appends = format!("Redis, XADD {DEPTH} deep");
        row(f, &appends, format_args!("{} entries/s, appendfsync always", whole(self.appends_per_second)))
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_ms, p95_ms, p99_ms, .. } = self;
        write!(f, "p50 {p50_ms:>8.1} ms   p95 {p95_ms:.1} ms   p99 {p99_ms:.1} ms")
    }
}

fn write_votes(f: &mut fmt::Formatter<'_>, votes: &Votes, raw: &Raw) -> fmt::Result {
    let share = 100.0 * votes.accepted_per_second / raw.inserts_per_second;
    let accepted = whole(votes.accepted_per_second);
    row(f, "accepted", format_args!("{accepted} votes/s, {share:.0} % of PostgreSQL by itself"))?;
    let counted = whole(votes.counted_per_second);
    row(f, "committed and counted", format_args!("{counted} votes/s"))?;
    let (all, drained) = (votes.counted, votes.drained_after_ms);
    row(f, "", format_args!("(all {all} accepted and no more, {drained:.0} ms after the last answer)"))?;
    if votes.failed > 0 {
        let last = votes.last_failure.as_deref().unwrap_or_default();
        row(f, "not accepted", format_args!("{} votes; {last}", whole(votes.failed as f64)))?;
    }
    row(f, "request", &votes.latency)
}

fn row(f: &mut fmt::Formatter<'_>, what: &str, value: impl fmt::Display) -> fmt::Result {
    writeln!(f, "  {what:<28}{value}")
}

/// A number without decimals, its thousands apart, right-aligned.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text:>12}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(whole(0.4).trim(), "0");
        assert_eq!(whole(999.0).trim(), "999");
        assert_eq!(whole(1_234_567.8).trim(), "1,234,568");
    }
}
