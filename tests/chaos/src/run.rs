//! One run, from the start of the stack to the verdict.

use std::time::Duration;

use tokio::time::{Instant, interval_at, sleep_until};

use crate::checker::{FinalState, check};
use crate::clients::{Crowd, Progress, Targets, create_polls};
use crate::nemesis::{self, Fault, Inflicted, Step, plan};
use crate::random::Random;
use crate::report::Report;
use crate::settings::Settings;
use crate::verdict::Verdict;
use crate::world::World;

/// Of the run's length, when the creator closes the poll that is to be closed.
const CLOSE_AT: f64 = 0.5;
/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(10);

/// Starts a stack, sends the crowd, inflicts the faults that follow from the seed, heals all, waits until all that
/// was begun is done, and judges.
///
/// # Panics
/// When something that no fault touches fails: a server that does not start, a folder that can't be written.
pub async fn run(settings: &Settings) -> Verdict {
    let world = World::start(settings, &Report::default()).await;
    println!("{}", world.versions().await);
    let steps = plan(settings.seed, settings.length, settings.topology, |fault| {
        settings.allows(fault) && world.allows(fault)
    });
    tell_left_out(&world, settings);

    let polls = create_polls(world.direct_gateway(0)).await;
    let targets = Targets {
        gateways: world.gateways(),
        polls: polls.clone(),
        close_after: settings.length.mul_f64(CLOSE_AT),
    };
    let report = Report::default();
    let mut crowd = Crowd::start(&targets, settings.seed);
    let inflicted = tokio::select! {
        inflicted = endure(&world, &steps, settings.length, &report) => inflicted,
        () = tell_progress(crowd.progress(), &report) => unreachable!("it goes on for ever"),
    };
    report.say("all is healed; the crowd finishes what it began");
    crowd.stop_voting().await;
    let unsettled = world.settle().await.err();
    let mut state = FinalState::read(&world, &polls, unsettled).await;
    let versions: Vec<i64> = state.polls.iter().map(|poll| poll.version().unwrap_or_default()).collect();
    let history = crowd.end(&versions).await;
    state.ask(&world, &history).await;
    report.say("everything is read; now judge");
    check(&history, &state, &inflicted)
}

async fn endure(world: &World, steps: &[Step], length: Duration, report: &Report) -> Vec<Inflicted> {
    let end = Instant::now() + length;
    let inflicted = nemesis::run(world, steps, report).await;
    sleep_until(end).await;
    inflicted
}

async fn tell_progress(progress: &Progress, report: &Report) {
    let mut ticks = interval_at(Instant::now() + PROGRESS, PROGRESS);
    let mut before = 0;
    loop {
        ticks.tick().await;
        let told = progress.told();
        let rate = (told.accepted - before) as f64 / PROGRESS.as_secs_f64();
        before = told.accepted;
        report.say(format_args!(
            "{} accepted ({rate:.0}/s), {} refused, {} unknown, {} results seen",
            told.accepted, told.refused, told.unknown, told.sightings
        ));
    }
}

fn tell_left_out(world: &World, settings: &Settings) {
    for fault in Fault::of_each_kind(settings.topology, &mut Random::new(settings.seed)) {
        if settings.allows(fault) && !world.allows(fault) {
            println!("left out on this machine: {} ({})", fault.name(), World::needs(fault));
        }
    }
}
