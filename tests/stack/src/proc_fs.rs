//! What the system says about a process that may not be our child.

use std::time::Duration;

/// How often, and how long apart, a command line is read again that is empty for the moment.
const TRIES: u32 = 50;
const STEP: Duration = Duration::from_millis(2);

/// Whether the process `pid` runs (a dead one that waits for its parent does not) and `name` stands in its
/// command line. The name keeps apart a process that got the number of one that ended long ago.
pub fn is_running(pid: u32, name: &str) -> bool {
    for _ in 0..TRIES {
        if is_dead(pid) {
            return false;
        }
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if !command.is_empty() {
            return String::from_utf8_lossy(&command).contains(name);
        }
        // It is just replacing itself by another program, or about to be gone.
        std::thread::sleep(STEP);
    }
    false
}

fn is_dead(pid: u32) -> bool {
    // "pid (name) state …"; the name may contain anything, so look behind its last bracket.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next());
    matches!(state, None | Some('Z' | 'X'))
}
