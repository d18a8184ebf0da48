//! `pollster-stack up`: in the background.

use std::time::Duration;

use pollster_stack::{Lifetime, is_running, until};

use crate::lock::{Holder, Lock};
use crate::paths::Paths;
use crate::say::say;
use crate::services::GATEWAY;
use crate::settings::Settings;
use crate::{Failure, demo, services};

/// How long the start by another process may take.
const RUN_DEADLINE: Duration = Duration::from_secs(180);

/// Starts what does not run yet, each part in a session of its own, and returns when all is ready.
pub(crate) fn up(paths: &Paths) -> Result<(), Failure> {
    let _lock = loop {
        match Lock::take(paths, "up")? {
            Ok(lock) => break lock,
            Err(run) if is_ready_by(paths, &run)? => return Ok(()),
            Err(_) => {}
        }
    };
    if services::all_run(paths) {
        let settings = Settings::load(paths);
        services::wait_until_ready(&settings, paths, &mut [])?;
        say("The stack is up already.");
        demo::show(paths, &settings);
        return Ok(());
    }
    let was_down = services::running(paths).is_empty();
    let mut processes = Vec::new();
    match services::start(paths, Lifetime::Detached, &mut processes) {
        Ok(settings) => {
            demo::show(paths, &settings);
            say("Logs are in .local/logs. make down ends everything.");
            Ok(())
        }
        Err(error) => {
            // Half a stack is no use; but what ran before this attempt is not ours to end.
            if was_down {
                say("Ending what was started ...");
                services::stop(paths, &mut services::running(paths));
            }
            Err(error.into())
        }
    }
}

/// Waits for the `make run` that has the stack, for it may still be starting; false when it has ended.
fn is_ready_by(paths: &Paths, run: &Holder) -> Result<bool, Failure> {
    let settings = until("the start by make run", RUN_DEADLINE, &paths.log(GATEWAY), || {
        if !is_running(run.pid, "pollster-stack") {
            return Ok(Some(None));
        }
        // Read again and again: a new stack's are written when its servers run.
        let settings = Settings::load(paths);
        Ok((services::all_run(paths) && services::is_ready(&settings)).then_some(Some(settings)))
    })?;
    if let Some(settings) = &settings {
        say(format_args!("The stack is up already, by make run (process {}).", run.pid));
        demo::show(paths, settings);
    }
    Ok(settings.is_some())
}
