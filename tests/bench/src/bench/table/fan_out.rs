//! The fan-out, each figure beside its mark.

use std::fmt;

use super::{row, whole};
use crate::bench::report::{
    FanOut, FanOutCpu, LargeAudience, Latency, LiveVotes, Recovery, SilentViewers, Wave,
};

/// KB a connection.
const MOST_KB: &str = "at most 10.0";
/// From sending a vote to seeing it counted, p99.
const SEEN_WITHIN: &str = "p99 at most 100 ms";
/// A gateway sends 20 at most; two that set out 50 ms apart may arrive closer, and so one more in a second.
const MOST_FRAMES: &str = "at most 20, and 1 for the edges of the second";
/// Those who read, beside those who do not.
const MOST_SLOWER: &str = "at most 1.10";
/// Until everybody has everything again.
const WITHIN: &str = "all within 5 s";

impl fmt::Display for FanOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.large_audience, self.live_votes, self.silent_viewers)?;
        writeln!(f, "{}", Titled("Redis is killed and comes back", "return", &self.redis_loss))?;
        writeln!(f, "{}", Titled("One of two gateways is killed", "kill", &self.gateway_loss))?;
        write!(f, "{}", self.wave)
    }
}

impl fmt::Display for LargeAudience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (viewers, served_after) = (whole(self.viewers as f64), self.served_after_s);
        writeln!(f, "{} viewers of one poll at one gateway, 10 votes/s", viewers.trim())?;
        row(f, "all connected and served", format_args!("{served_after:>12.1} s"))?;
        row(f, "memory a viewer", format_args!("{:>12.1} KB   ({MOST_KB})", self.kb_a_viewer))?;
        let [idle, connected, after] =
            [self.idle_kb, self.connected_kb, self.after_kb].map(|kb| kb as f64 / 1024.0);
        row(
            f,
            "of the gateway, idle",
            format_args!("{idle:>12.1} MB, with viewers {connected:.1}, after votes {after:.1}"),
        )?;
        let (frames, votes) = (whole(self.frames as f64), self.votes);
        row(f, "frames", format_args!("{frames} of {votes} votes; all ended on the newest version"))?;
        row(f, "last vote seen after", Tail(&self.newest_after))?;
        row(f, "request of a vote", Tail(&self.requests))?;
        row(f, "CPU of the gateway", self.gateway)
    }
}

impl fmt::Display for LiveVotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (viewers, rate) = (self.viewers, self.votes as f64 / self.seconds);
        writeln!(f, "{viewers} viewers of one poll, {rate:.0} votes/s for {:.1} s", self.seconds)?;
        row(f, "vote seen after", format_args!("{}   ({SEEN_WITHIN})", Tail(&self.seen_after)))?;
        row(f, "", format_args!("({} sightings of marked votes)", self.seen_after.samples))?;
        row(f, "request of a vote", Tail(&self.requests))?;
        row(f, "frames a viewer and second", format_args!("{:>12.1}", self.frames_a_second))?;
        row(f, "most in any second", format_args!("{:>12}   ({MOST_FRAMES})", self.most_in_a_second))?;
        row(f, "CPU of the gateway", self.gateway)
    }
}

impl fmt::Display for SilentViewers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { viewers, silent, seconds, .. } = self;
        writeln!(
            f,
            "{silent} viewers that read nothing for {seconds:.0} s beside {viewers} that read, 500 votes/s"
        )?;
        row(f, "vote seen after, without", Tail(&self.without))?;
        row(f, "vote seen after, with", Tail(&self.with))?;
        row(f, "p99, with / without", format_args!("{:>12.2}   ({MOST_SLOWER})", self.p99_ratio))?;
        row(f, "memory a silent viewer", format_args!("{:>12.1} KB at most", self.kb_a_silent_viewer))?;
        self.endings.iter().try_for_each(|ending| {
            row(f, "silent ones, in the end", format_args!("{:>12} {}", ending.viewers, ending.how))
        })
    }
}

/// What was lost, since when is measured, and what came of it.
struct Titled<'a>(&'a str, &'a str, &'a Recovery);

impl fmt::Display for Titled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(what, since, Recovery { viewers, votes, sent_again, converged_after }) = self;
        writeln!(f, "{what}, {viewers} viewers, 100 votes/s")?;
        let after = format!("newest counts after {since}");
        row(f, &after, format_args!("{}   ({WITHIN})", Tail(converged_after)))?;
        row(f, "votes", format_args!("{votes:>12} counted everywhere, sent again {sent_again} times"))
    }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} clients connect at once", whole(self.clients as f64).trim())?;
        row(f, "first results after", format_args!("{}   ({WITHIN}), no error", Tail(&self.served_after)))
    }
}

impl fmt::Display for FanOutCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>12.1} us a frame, {:.2} cores", self.microseconds_a_frame, self.cores)
    }
}

/// Latencies whose end matters.
struct Tail<'a>(&'a Latency);

impl fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Latency { p50_ms, p99_ms, max_ms, .. } = self.0;
        write!(f, "p50 {p50_ms:>8.1} ms   p99 {p99_ms:.1} ms   max {max_ms:.1} ms")
    }
}
