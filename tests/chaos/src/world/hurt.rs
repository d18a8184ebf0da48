//! Doing it, and undoing it.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use super::World;
use crate::links::{Link, Mode};
use crate::nemesis::{Blow, Fault, Line, Server};

impl World {
    /// Begins a fault.
    pub(crate) async fn inflict(&self, fault: Fault) {
        match fault {
            Fault::Kill(program) => self.member(program).kill().await,
            Fault::Pause(program) => self.member(program).service().stop().await,
            Fault::Strike(Server::Redis, blow) => self.strike_redis(blow).await,
            Fault::Strike(Server::Postgres, blow) => self.strike_postgres(blow).await,
            Fault::Hurt(line, mode) => self.link(line).set(mode),
            Fault::ClockJump(seconds) => self.set_clock(seconds),
        }
    }

    /// Ends it again.
    pub(crate) async fn heal(&self, fault: Fault) {
        match fault {
            Fault::Kill(program) => self.member(program).start_again().await,
            Fault::Pause(program) => self.member(program).service().cont().await,
            Fault::Strike(Server::Redis, blow) => self.heal_redis(blow).await,
            Fault::Strike(Server::Postgres, blow) => self.heal_postgres(blow).await,
            Fault::Hurt(line, _) => self.link(line).set(Mode::Pass),
            Fault::ClockJump(_) => self.set_clock(0),
        }
    }

    async fn strike_redis(&self, blow: Blow) {
        let redis = self.servers.redis();
        match blow {
            Blow::Kill => redis.kill().await,
            Blow::Freeze => redis.freeze().await,
            Blow::Flush => redis.flush().await,
            Blow::Wipe => {
                redis.kill().await;
                self.servers.remove_redis_data();
            }
            Blow::FullDisk => self.servers.redis_disk().fill(),
            Blow::Restart | Blow::Failover => unreachable!("PostgreSQL's alone"),
        }
    }

    async fn heal_redis(&self, blow: Blow) {
        let redis = self.servers.redis();
        match blow {
            Blow::Freeze => redis.thaw().await,
            Blow::FullDisk => self.servers.redis_disk().free(),
            _ => {}
        }
        // It also ends by itself, rather than promise what it can't write.
        if redis.has_ended().await {
            self.servers.restart_redis().await;
        }
    }

    async fn strike_postgres(&self, blow: Blow) {
        let database = self.servers.database();
        match blow {
            Blow::Kill | Blow::Failover => database.kill_server().await,
            Blow::Restart => database.stop_server().await,
            // In this order, so that no new one escapes.
            Blow::Freeze => {
                database.freeze_server().await;
                signal_sessions(database.server_pid().await, Signal::STOP);
            }
            Blow::FullDisk => self.servers.postgres_disk().fill(),
            Blow::Flush | Blow::Wipe => unreachable!("Redis's alone"),
        }
    }

    async fn heal_postgres(&self, blow: Blow) {
        let database = self.servers.database();
        match blow {
            Blow::Freeze => {
                signal_sessions(database.server_pid().await, Signal::CONT);
                database.thaw_server().await;
            }
            Blow::FullDisk => self.servers.postgres_disk().free(),
            _ => {}
        }
        if database.server_has_ended().await {
            database.restart_server().await;
        }
    }

    fn set_clock(&self, seconds: i64) {
        self.clock.as_ref().expect("clock jumps are left out where there is no such clock").set(seconds);
    }

    fn link(&self, line: Line) -> &Link {
        match line {
            Line::Between(program, Server::Redis) => &self.member(program).redis,
            Line::Between(program, Server::Postgres) => &self.member(program).postgres,
            Line::Clients(gateway) => &self.clients[gateway],
        }
    }
}

/// Signals the children of PostgreSQL's main process: a session each, and its helpers.
fn signal_sessions(server: u32, signal: Signal) {
    let processes = fs::read_dir("/proc").expect("processes are listed").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for id in ids.filter(|id| parent(*id) == Some(server)).filter_map(Pid::from_raw) {
        // One that has ended meanwhile is none any more.
        let _ = kill_process(id, signal);
    }
}

fn parent(process: i32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which may hold anything: state, parent.
    stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()
}
