//! What can be done to whom.

use std::time::Duration;

use crate::links::Mode;
use crate::random::Random;

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
    /// Queue and projection.
    Redis,
    /// The truth.
    Postgres,
}

/// Connections of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// A program's to a server.
    Between(Program, Server),
    /// The clients' to a gateway, by its number from 0.
    Clients(usize),
}

/// How a server is hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// Killed, and started after a while on the data that it had.
    Kill,
    /// It stands still for a while, its connections stand too.
    Freeze,
    /// Redis only: all its data is gone at once.
    Flush,
    /// Redis only: killed, and started without its data.
    Wipe,
    /// PostgreSQL only: ended in order, and started.
    Restart,
    /// PostgreSQL only: killed, nobody is there for seconds, then one is.
    Failover,
    /// Its disk has no room for anything new.
    FullDisk,
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

const HOUR: i64 = 3600;

impl Fault {
    /// One of each kind, at targets by chance.
    pub fn one_of_each(random: &mut Random) -> Vec<Self> {
        let mut faults = Vec::new();
        for program in Program::one_of_each(random) {
            faults.push(Self::Kill(program));
        }
        for program in Program::one_of_each(random) {
            faults.push(Self::Pause(program));
        }
        let redis = [Blow::Kill, Blow::Freeze, Blow::Flush, Blow::Wipe, Blow::FullDisk];
        faults.extend(redis.map(|blow| Self::Strike(Server::Redis, blow)));
        let postgres = [Blow::Kill, Blow::Freeze, Blow::Restart, Blow::Failover, Blow::FullDisk];
        faults.extend(postgres.map(|blow| Self::Strike(Server::Postgres, blow)));
        for server in [Server::Redis, Server::Postgres] {
            for mode in modes(random) {
                let programs = Program::one_of_each(random);
                faults.push(Self::Hurt(Line::Between(*random.pick(&programs), server), mode));
            }
        }
        for mode in modes(random) {
            faults.push(Self::Hurt(Line::Clients(random.below(2) as usize), mode));
        }
        for jump in [HOUR, 5] {
            faults.push(Self::ClockJump(if random.percent(50) { jump } else { -jump }));
        }
        faults
    }

    /// Its kind, as the command line takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill(Program::Gateway(_)) => "kill-gateway",
            Self::Kill(Program::Aggregator(_)) => "kill-aggregator",
            Self::Kill(Program::Background(_)) => "kill-background",
            Self::Pause(Program::Gateway(_)) => "pause-gateway",
            Self::Pause(Program::Aggregator(_)) => "pause-aggregator",
            Self::Pause(Program::Background(_)) => "pause-background",
            Self::Strike(Server::Redis, blow) => blow.on_redis(),
            Self::Strike(Server::Postgres, blow) => blow.on_postgres(),
            Self::Hurt(Line::Between(_, Server::Redis), mode) => {
                mode_name(mode, ["cut-redis", "blackhole-redis", "delay-redis"])
            }
            Self::Hurt(Line::Between(_, Server::Postgres), mode) => {
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
            Self::Strike(_, Blow::Flush | Blow::Restart) => (0, 0),
            Self::Strike(Server::Postgres, Blow::Kill) | Self::Strike(_, Blow::Wipe) => (0, 1000),
            Self::Strike(_, Blow::Failover) => (3000, 6000),
            Self::Strike(_, _) => (1000, 4000),
            Self::Hurt(_, _) | Self::ClockJump(_) => (2000, 5000),
        }
    }

    /// Whether it needs a disk that can be full.
    pub fn fills_a_disk(self) -> bool {
        matches!(self, Self::Strike(_, Blow::FullDisk))
    }

    /// Whether Redis has lost all it knew then.
    pub fn empties_redis(self) -> bool {
        matches!(self, Self::Strike(Server::Redis, Blow::Flush | Blow::Wipe))
    }
}

impl Program {
    fn one_of_each(random: &mut Random) -> [Self; 3] {
        let mut number = || random.below(2) as usize;
        [Self::Gateway(number()), Self::Aggregator(number()), Self::Background(number())]
    }
}

impl Blow {
    fn on_redis(self) -> &'static str {
        match self {
            Self::Kill => "redis-kill",
            Self::Freeze => "redis-freeze",
            Self::Flush => "redis-flush",
            Self::Wipe => "redis-wipe",
            Self::FullDisk => "redis-full-disk",
            Self::Restart | Self::Failover => unreachable!("PostgreSQL's alone"),
        }
    }

    fn on_postgres(self) -> &'static str {
        match self {
            Self::Kill => "postgres-kill",
            Self::Freeze => "postgres-freeze",
            Self::Restart => "postgres-restart",
            Self::Failover => "postgres-failover",
            Self::FullDisk => "postgres-full-disk",
            Self::Flush | Self::Wipe => unreachable!("Redis's alone"),
        }
    }
}

fn modes(random: &mut Random) -> [Mode; 3] {
    [Mode::Cut, Mode::Blackhole, Mode::Delay(Duration::from_millis(random.between(50, 800)))]
}

fn mode_name(mode: Mode, [cut, blackhole, delay]: [&'static str; 3]) -> &'static str {
    match mode {
        Mode::Cut => cut,
        Mode::Blackhole => blackhole,
        Mode::Delay(_) => delay,
        Mode::Pass => unreachable!("no fault"),
    }
}
