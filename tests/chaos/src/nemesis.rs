//! What is done to the stack, in which order, and doing it.

mod bag;
mod blow;
mod fault;
mod plan;
mod words;

use std::collections::HashMap;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::time::sleep_until;

pub use blow::Blow;
pub use fault::{Fault, Line, Program, Server, Target};
pub use plan::{LANES, Step, plan};

use crate::report::Report;
use crate::world::World;

/// A fault that was inflicted.
#[derive(Debug, Clone)]
pub struct Inflicted {
    /// Its name.
    pub fault: &'static str,
    /// What it struck.
    pub target: String,
    /// Whether that is a server of others.
    pub strikes_a_server: bool,
    /// When it began.
    pub from: Instant,
    /// When it was healed.
    pub until: Instant,
    /// What Redis may have lost then.
    pub loss: Option<Loss>,
    /// Whether another server has taken the place of one since.
    pub took_over: bool,
}

/// What a Redis that is not as it was has lost at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All it had.
    Everything,
    /// What its replica had not received.
    Unreplicated,
}

/// Inflicts what is planned, and heals it all; returns what it did.
pub async fn run(world: &World, steps: &[Step], report: &Report) -> Vec<Inflicted> {
    let began = Instant::now();
    // A server may take longer to come back than planned: nothing else strikes it before.
    let targets: HashMap<Target, Mutex<()>> =
        steps.iter().map(|step| (step.fault.target(), Mutex::default())).collect();
    let lanes = (0..LANES).map(async |lane| {
        let mut inflicted = Vec::new();
        for step in steps.iter().filter(|step| step.lane == lane) {
            sleep_until((began + step.at).into()).await;
            let _alone = targets[&step.fault.target()].lock().await;
            inflicted.push(inflict(world, step, report).await);
        }
        inflicted
    });
    join_all(lanes).await.into_iter().flatten().collect()
}

async fn inflict(world: &World, step: &Step, report: &Report) -> Inflicted {
    let Step { fault, lasts, .. } = *step;
    let from = Instant::now();
    report.say(format_args!("{fault}, for {:.1} s", lasts.as_secs_f64()));
    world.inflict(fault).await;
    tokio::time::sleep(lasts).await;
    let took_over = world.heal(fault).await;
    let until = Instant::now();
    let change = if took_over { ", another took over" } else { "" };
    report.say(format_args!("{fault}: healed after {:.1} s{change}", (until - from).as_secs_f64()));
    Inflicted {
        fault: fault.name(),
        target: fault.target().to_string(),
        strikes_a_server: fault.strikes_a_server(),
        from,
        until,
        loss: world.loss(fault, took_over),
        took_over,
    }
}
