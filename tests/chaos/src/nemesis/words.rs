//! Faults as people read them.

use std::fmt;

use super::fault::{Blow, Fault, Line, Program, Server, Target};
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
            Self::Postgres => "PostgreSQL",
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target().fmt(f)?;
        match self {
            Self::Kill(_) | Self::Strike(_, Blow::Kill) => f.write_str(" is killed"),
            Self::Pause(_) => f.write_str(" is stopped"),
            Self::Strike(_, Blow::Freeze) => f.write_str(" is frozen"),
            Self::Strike(_, Blow::Flush) => f.write_str(" is emptied"),
            Self::Strike(_, Blow::Wipe) => f.write_str(" is killed and loses its data"),
            Self::Strike(_, Blow::Restart) => f.write_str(" is restarted"),
            Self::Strike(_, Blow::Failover) => f.write_str(" fails over"),
            Self::Strike(_, Blow::FullDisk) => f.write_str(" has a full disk"),
            Self::Hurt(_, Mode::Cut) => f.write_str(": cut"),
            Self::Hurt(_, Mode::Blackhole) => f.write_str(": nothing arrives"),
            Self::Hurt(_, Mode::Delay(time)) => write!(f, ": {} ms late", time.as_millis()),
            Self::Hurt(_, Mode::Pass) => f.write_str(": well"),
            Self::ClockJump(seconds) => write!(f, " jumps by {seconds:+} s"),
        }
    }
}
