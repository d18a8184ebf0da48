//! Faults as people read them.

use std::fmt;

use super::{Blow, Fault, Line, Program, Server, Target};
use crate::links::Mode;

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number) = match self {
            Self::Gateway(number) => ("gateway", number),
            Self::Aggregator(number) => ("aggregator", number),
            Self::Background(number) => ("background", number),
        };
        write!(f, "{kind} {number}")
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "Redis",
            Self::Cluster => "Redis Cluster",
            Self::Sentinel => "a Sentinel",
            Self::Streams => "Redis for streams",
            Self::Aggregates => "Redis for aggregates",
            Self::PubSub => "Redis for pub/sub",
            Self::Postgres => "PostgreSQL",
            Self::ReadReplica => "PostgreSQL's read replica",
            Self::PgBouncer => "PgBouncer",
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(program, server) => write!(f, "{program} to {server}"),
            Self::Clients(number) => write!(f, "clients to gateway {number}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(program) => program.fmt(f),
            Self::Server(server) => server.fmt(f),
            Self::Line(line) => line.fmt(f),
            Self::Clock => f.write_str("the clock of gateway 1"),
        }
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => " is killed",
            Self::Freeze => " is frozen",
            Self::Flush => " is emptied",
            Self::Wipe => " is killed and loses its data",
            Self::Restart => " is restarted",
            Self::Failover => " fails over",
            Self::FullDisk => " has a full disk",
            Self::PrimaryKill => ": a primary is killed",
            Self::PrimaryLost => ": a primary is cut off from its replica, then killed",
            Self::PrimaryFreeze => ": a primary is frozen",
            Self::ReplicaKill => ": a replica is killed",
            Self::ReplicaPause => " applies nothing",
            Self::ReplicaCut => ": primary and replica are cut off from each other",
            Self::Handover => ": a primary hands over",
            Self::MoveSlots => ": slots move",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target().fmt(f)?;
        match self {
            Self::Kill(_) => f.write_str(" is killed"),
            Self::Pause(_) => f.write_str(" is stopped"),
            Self::Strike(_, blow) => blow.fmt(f),
            Self::Hurt(_, Mode::Cut) => f.write_str(": cut"),
            Self::Hurt(_, Mode::Blackhole) => f.write_str(": nothing arrives"),
            Self::Hurt(_, Mode::Delay(time)) => write!(f, ": {} ms late", time.as_millis()),
            Self::Hurt(_, Mode::Pass) => f.write_str(": well"),
            Self::ClockJump(seconds) => write!(f, " jumps by {seconds:+} s"),
        }
    }
}
