//! `pollster-stack down`.

use std::time::Duration;

use pollster_stack::{Process, Signal};

use crate::lock::{Holder, Lock};
use crate::paths::Paths;
use crate::say::say;
use crate::{Failure, services};

/// Three stages of up to 30 s.
const RUN_DEADLINE: Duration = Duration::from_secs(100);

/// Ends what `up` started, or the `run` in another terminal, and waits for it.
pub(crate) fn down(paths: &Paths) -> Result<(), Failure> {
    let _lock = loop {
        match Lock::take(paths, "down")? {
            Ok(lock) => break lock,
            Err(holder) => end_run(paths, &holder)?,
        }
    };
    let mut processes = services::running(paths);
    if processes.is_empty() {
        say("The stack is down.");
        return Ok(());
    }
    say("Ending the stack ...");
    services::stop(paths, &mut processes);
    say("Ended.");
    Ok(())
}

fn end_run(paths: &Paths, holder: &Holder) -> Result<(), Failure> {
    let Some(mut run) = Process::adopt("pollster-stack", holder.pid, &paths.lock()) else { return Ok(()) };
    say(format_args!("Ending make run (process {}) ...", holder.pid));
    run.signal(Signal::TERM)?;
    run.wait(RUN_DEADLINE)?;
    Ok(())
}
