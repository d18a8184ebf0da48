//! Doing it, and undoing it.

use super::World;
use crate::links::{Link, Mode};
use crate::nemesis::{Blow, Fault, Line, Loss};

impl World {
    /// Begins a fault.
    pub(crate) async fn inflict(&self, fault: Fault) {
        match fault {
            Fault::Kill(program) => self.member(program).kill().await,
            Fault::Pause(program) => self.member(program).service().stop().await,
            Fault::Strike(server, blow) => self.servers.strike(server, blow).await,
            Fault::Hurt(line, mode) => self.set(line, mode),
            Fault::ClockJump(seconds) => self.set_clock(seconds),
        }
    }

    /// Ends it again; returns whether another server has taken the place of one.
    pub(crate) async fn heal(&self, fault: Fault) -> bool {
        match fault {
            Fault::Kill(program) => self.member(program).start_again().await,
            Fault::Pause(program) => self.member(program).service().cont().await,
            Fault::Strike(server, blow) => return self.servers.heal(server, blow).await,
            Fault::Hurt(line, _) => self.set(line, Mode::Pass),
            Fault::ClockJump(_) => self.set_clock(0),
        }
        false
    }

    /// What Redis may have lost by a fault. In order, and where replicas must hold what is answered, nothing is.
    pub(crate) fn loss(&self, fault: Fault, took_over: bool) -> Option<Loss> {
        let by_force = matches!(fault, Fault::Strike(server, Blow::PrimaryKill | Blow::PrimaryLost | Blow::PrimaryFreeze) if server.is_redis());
        let is_unreplicated = by_force && took_over && self.min_replicas == 0;
        let unreplicated = is_unreplicated.then_some(Loss::Unreplicated);
        fault.empties_redis().then_some(Loss::Everything).or(unreplicated)
    }

    fn set_clock(&self, seconds: i64) {
        self.clock.as_ref().expect("clock jumps are left out where there is no such clock").set(seconds);
    }

    fn set(&self, line: Line, mode: Mode) {
        let links: Vec<&Link> = match line {
            Line::Between(program, server) => self.member(program).links(server).collect(),
            Line::Clients(gateway) => vec![&self.clients[gateway]],
        };
        assert!(!links.is_empty(), "{line} goes over no proxy");
        for link in links {
            link.set(mode);
        }
    }
}
