//! Recoveries and votes past Redis, each figure beside its mark.

use std::fmt;

use super::{row, whole};
use crate::bench::recovery::{Fault, VOTES_PER_SECOND};
use crate::bench::report::{DirectVotes, FaultRecovery, Faults, Latency};

/// Votes a second, past Redis.
const ENOUGH: &str = "at least 1,000 votes/s";

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.recoveries.iter().try_for_each(|recovery| writeln!(f, "{recovery}"))?;
        write!(f, "{}", self.direct_votes)
    }
}

impl fmt::Display for FaultRecovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (since, mark) = match self.fault {
            Fault::Aggregator => ("kill", "at most 5 s"),
            Fault::Redis => ("return", "at most 2 s"),
            Fault::Postgres => ("return", "at most 5 s"),
        };
        let repetitions = self.moved_after.samples;
        writeln!(f, "{}, {VOTES_PER_SECOND} votes/s, {repetitions} times", self.fault)?;
        let mut marked = |what: &str, latency| {
            row(f, &format!("{what} after {since}"), format_args!("{}   ({mark})", Spread(latency)))
        };
        marked("counts move", &self.moved_after)?;
        self.queued_after.iter().try_for_each(|queued| marked("votes queued", queued))?;
        marked("all caught up", &self.caught_up_after)?;
        row(f, "counts stood still for", Spread(&self.still))?;
        row(f, "votes", format_args!("{:>12} counted, sent again {} times", self.votes, self.sent_again))
    }
}

impl fmt::Display for DirectVotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, through_redis, past_redis, counted, .. } = self;
        let seconds = past_redis.seconds;
        writeln!(f, "Votes in one hot poll while Redis is gone, {connections} connections, {seconds:.1} s")?;
        let rate = whole(past_redis.accepted_per_second);
        row(f, "confirmed", format_args!("{rate} votes/s   ({ENOUGH})"))?;
        row(f, "request", &past_redis.latency)?;
        row(f, "", format_args!("(all {counted} confirmed and no more are counted after its return)"))?;
        if let Some(last) = &self.last_failure {
            row(f, "not confirmed", format_args!("{} votes; {last}", whole(past_redis.failed as f64)))?;
        }
        row(f, "accepted, with Redis", format_args!("{} votes/s", whole(through_redis.accepted_per_second)))?;
        row(f, "request, with Redis", &through_redis.latency)
    }
}

/// Few samples: the median and the worst say all.
struct Spread<'a>(&'a Latency);

impl fmt::Display for Spread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Latency { p50_ms, max_ms, .. } = self.0;
        write!(f, "median {p50_ms:>6.0} ms   worst {max_ms:>6.0} ms")
    }
}
