//! The fan-out of results to viewers.

use std::time::Duration;

use serde::Serialize;

use super::Latency;

/// All measurements of it.
#[derive(Debug, Clone, Serialize)]
pub struct FanOut {
    /// As many viewers as fit.
    pub large_audience: LargeAudience,
    /// Many votes, and when they are seen.
    pub live_votes: LiveVotes,
    /// Viewers that read nothing.
    pub silent_viewers: SilentViewers,
    /// Redis killed, and back.
    pub redis_loss: Recovery,
    /// One of two gateways killed.
    pub gateway_loss: Recovery,
    /// Clients that connect at once.
    pub wave: Wave,
}

/// Viewers of one poll at one gateway.
#[derive(Debug, Clone, Serialize)]
pub struct LargeAudience {
    /// How many.
    pub viewers: usize,
    /// From the first connection until all had their first results, in seconds.
    pub served_after_s: f64,
    /// Resident memory of the gateway without viewers.
    pub idle_kb: u64,
    /// With all of them.
    pub connected_kb: u64,
    /// With all of them, after the votes.
    pub after_kb: u64,
    /// What a viewer added before the votes.
    pub kb_a_viewer: f64,
    /// Votes cast, ten a second.
    pub votes: u64,
    /// Frames with results that the viewers got meanwhile.
    pub frames: usize,
    /// From when the last vote was sent until a viewer has it, of all viewers.
    pub newest_after: Latency,
    /// How long a vote's request took meanwhile.
    pub requests: Latency,
    /// What it cost the gateway.
    pub gateway: FanOutCpu,
}

/// Votes and when they are seen.
#[derive(Debug, Clone, Serialize)]
pub struct LiveVotes {
    /// Viewers of the poll.
    pub viewers: usize,
    /// Votes cast.
    pub votes: u64,
    /// How long, until the last one was seen.
    pub seconds: f64,
    /// From when a marked vote was due to be sent until a viewer sees it counted, of all viewers.
    pub seen_after: Latency,
    /// How long a vote's request took.
    pub requests: Latency,
    /// Frames a viewer got a second, on average.
    pub frames_a_second: f64,
    /// The most frames that any viewer got within any one second.
    pub most_in_a_second: usize,
    /// What it cost the gateway.
    pub gateway: FanOutCpu,
}

/// Viewers that read nothing, and those beside them.
#[derive(Debug, Clone, Serialize)]
pub struct SilentViewers {
    /// Viewers that read.
    pub viewers: usize,
    /// Viewers that do not.
    pub silent: usize,
    /// How long they don't.
    pub seconds: f64,
    /// When votes are seen by those that read, before there are silent ones.
    pub without: Latency,
    /// The same beside silent ones.
    pub with: Latency,
    /// The 99th percentile beside silent ones, as a multiple of that before.
    pub p99_ratio: f64,
    /// The most memory of the gateway beside silent ones, less that before, for each of them.
    pub kb_a_silent_viewer: f64,
    /// How their connections were ended.
    pub endings: Vec<Ending>,
}

/// An end, and for how many.
#[derive(Debug, Clone, Serialize)]
pub struct Ending {
    /// In words.
    pub how: String,
    /// How many ended so.
    pub viewers: usize,
}

/// Viewers who lost what told them of votes.
#[derive(Debug, Clone, Serialize)]
pub struct Recovery {
    /// How many.
    pub viewers: usize,
    /// Votes cast before, during and after the loss. Each viewer ended with as many.
    pub votes: u64,
    /// How often a vote had to be sent again.
    pub sent_again: u64,
    /// Until a viewer has the newest counts, of all viewers: from the first answer of Redis after its
    /// return, or from the kill of the gateway.
    pub converged_after: Latency,
}

/// Clients that connect at once.
#[derive(Debug, Clone, Serialize)]
pub struct Wave {
    /// How many.
    pub clients: usize,
    /// Until one has its first results, of all of them.
    pub served_after: Latency,
}

/// CPU time of a gateway.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FanOutCpu {
    /// Cores in use, on average.
    pub cores: f64,
    /// Microseconds a frame, votes and all else included.
    pub microseconds_a_frame: f64,
}

impl FanOutCpu {
    /// Of so much CPU time within `time`.
    pub(in crate::bench) fn of(cpu: Duration, time: Duration, frames: usize) -> Self {
        Self {
            cores: cpu.as_secs_f64() / time.as_secs_f64(),
            microseconds_a_frame: cpu.as_secs_f64() * 1e6 / frames.max(1) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_shared_among_frames_and_seconds() {
        let cpu = FanOutCpu::of(Duration::from_secs(3), Duration::from_secs(4), 1_000_000);
        assert_eq!((cpu.cores, cpu.microseconds_a_frame), (0.75, 3.0));
        assert_eq!(FanOutCpu::of(Duration::ZERO, Duration::from_secs(1), 0).microseconds_a_frame, 0.0);
    }
}
