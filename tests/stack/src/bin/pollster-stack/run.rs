//! `pollster-stack run`: in the foreground.

use std::time::Duration;

use pollster_stack::{Lifetime, Process, StackError, interrupted};

use crate::lock::{Attempt, Lock};
use crate::paths::Paths;
use crate::say::say;
use crate::{Failure, demo, services};

/// How often the programs are looked after.
const STEP: Duration = Duration::from_millis(100);

/// Starts everything, looks after it until a signal comes or a part dies, then ends everything.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let _lock = match Lock::attempt(paths, "run")? {
        Attempt::Got(lock) => lock,
        Attempt::HeldBy(holder) => {
            let who = holder.map_or_else(String::new, |holder| format!(" as process {}", holder.pid));
            return Err(Failure::RunsAlready(format!("in a terminal{who}; end it there, or with make down")));
        }
    };
    if !services::running(paths).is_empty() {
        return Err(Failure::RunsAlready("in the background; end it with make down".to_owned()));
    }
    let mut processes = Vec::new();
    let outcome = start_and_watch(paths, &mut processes);
    if let Err(error) = &outcome
        && !matches!(error, StackError::Interrupted)
    {
        say(format_args!("\nerror: {error}"));
    }
    say("\nEnding the stack ...");
    services::stop(paths, &mut processes);
    say("Ended.");
    outcome.map_err(|error| match error {
        StackError::Interrupted => error.into(),
        _ => Failure::Said,
    })
}

fn start_and_watch(paths: &Paths, processes: &mut Vec<Process>) -> Result<(), StackError> {
    let settings = services::start(paths, Lifetime::WithParent, processes)?;
    demo::show(paths, &settings);
    say("Logs are in .local/logs. Ctrl-C ends everything.");
    watch(processes)
}

fn watch(processes: &mut [Process]) -> Result<(), StackError> {
    while !interrupted() {
        for process in processes.iter_mut() {
            if let Some(error) = process.unexpected_end()? {
                return Err(error);
            }
        }
        std::thread::sleep(STEP);
    }
    Ok(())
}
