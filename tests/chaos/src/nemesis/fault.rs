//! What can be done to whom.

use super::Blow;
use crate::links::Mode;

/// One of our programs, by its number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Program {
    /// A gateway.
    Gateway(usize),
    /// An aggregator.
    Aggregator(usize),
    /// A background program.
    Background(usize),
}

/// A server of others that ours need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    /// Queue and projection: one server, or a primary and its replica.
    Redis,
    /// The same on several primaries, each with a replica.
    Cluster,
    /// One that watches over a Redis and its replicas.
    Sentinel,
    /// The Redis of the queues, where each role has its own.
    Streams,
    /// The Redis of the counts.
    Aggregates,
    /// The Redis of the messages.
    PubSub,
    /// The truth: one server, or the primary and its synchronous standby.
    Postgres,
    /// The asynchronous standby that lists and statistics come from.
    ReadReplica,
    /// What stands between programs and PostgreSQL.
    PgBouncer,
}

/// Connections of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// A program's to a server.
    Between(Program, Server),
    /// The clients' to a gateway, by its number from 0.
    Clients(usize),
}

/// A fault, with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A program is killed (SIGKILL), and started again after a while.
    Kill(Program),
    /// A program stands still for a while (SIGSTOP, SIGCONT).
    Pause(Program),
    /// A server is hurt.
    Strike(Server, Blow),
    /// Connections are hurt.
    Hurt(Line, Mode),
    /// The clock of the gateway that can be fooled jumps by so many seconds, and back.
    ClockJump(i64),
}

/// What two faults at once may not share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A program as a process.
    Program(Program),
    /// A server.
    Server(Server),
    /// Connections.
    Line(Line),
    /// The clock.
    Clock,
}

pub(super) const HOUR: i64 = 3600;

impl Fault {
    /// Its kind, as the command line takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill(Program::Gateway(_)) => "kill-gateway",
            Self::Kill(Program::Aggregator(_)) => "kill-aggregator",
            Self::Kill(Program::Background(_)) => "kill-background",
            Self::Pause(Program::Gateway(_)) => "pause-gateway",
            Self::Pause(Program::Aggregator(_)) => "pause-aggregator",
            Self::Pause(Program::Background(_)) => "pause-background",
            Self::Strike(server, blow) => blow.name(server),
            Self::Hurt(Line::Between(_, server), mode) if server.is_redis() => {
                mode_name(mode, ["cut-redis", "blackhole-redis", "delay-redis"])
            }
            Self::Hurt(Line::Between(..), mode) => {
                mode_name(mode, ["cut-postgres", "blackhole-postgres", "delay-postgres"])
            }
            Self::Hurt(Line::Clients(_), mode) => {
                mode_name(mode, ["cut-clients", "blackhole-clients", "delay-clients"])
            }
            Self::ClockJump(seconds) if seconds.abs() < HOUR => "clock-seconds",
            Self::ClockJump(_) => "clock-hour",
        }
    }

    /// What it takes for itself.
    pub fn target(self) -> Target {
        match self {
            Self::Kill(program) | Self::Pause(program) => Target::Program(program),
            Self::Strike(server, _) => Target::Server(server),
            Self::Hurt(line, _) => Target::Line(line),
            Self::ClockJump(_) => Target::Clock,
        }
    }

    /// How long it lasts, in milliseconds from and to. Pauses and blackholes go beyond the `CLAIM_IDLE_MS` of 3000,
    /// after which another aggregator takes over.
    pub fn milliseconds(self) -> (u64, u64) {
        match self {
            Self::Kill(_) => (200, 3000),
            Self::Pause(_) | Self::Hurt(_, Mode::Blackhole) => (1500, 6000),
            Self::Strike(server, blow) => blow.milliseconds(server),
            Self::Hurt(_, _) | Self::ClockJump(_) => (2000, 5000),
        }
    }

    /// How long its target is left alone after that, in milliseconds.
    pub fn recovers_within(self) -> u64 {
        if let Self::Strike(server, blow) = self { blow.recovers_within(server) } else { 0 }
    }

    /// Whether it needs a disk that can be full.
    pub fn fills_a_disk(self) -> bool {
        matches!(self, Self::Strike(_, Blow::FullDisk))
    }

    /// Whether Redis has lost all votes that it had then.
    pub fn empties_redis(self) -> bool {
        matches!(self, Self::Strike(Server::Redis | Server::Streams, Blow::Flush | Blow::Wipe))
    }

    /// Whether a server of others is hurt.
    pub fn strikes_a_server(self) -> bool {
        matches!(self, Self::Strike(..))
    }
}

impl Server {
    /// Whether it is Redis, or one of several.
    pub fn is_redis(self) -> bool {
        matches!(self, Self::Redis | Self::Cluster | Self::Streams | Self::Aggregates | Self::PubSub)
    }
}

fn mode_name(mode: Mode, [cut, blackhole, delay]: [&'static str; 3]) -> &'static str {
    match mode {
        Mode::Cut => cut,
        Mode::Blackhole => blackhole,
        Mode::Delay(_) => delay,
        Mode::Pass => unreachable!("no fault"),
    }
}
