//! CPU time of processes, from `/proc` (proc(5)).

use std::collections::HashMap;
use std::fs;
use std::io;
use std::time::Duration;

/// What `/proc/<pid>/stat` says of one process.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// User and system time, in clock ticks.
    own: u64,
    /// The same of children that have ended and were waited for.
    ended_children: u64,
}

/// CPU time that the process `root` and all below it have taken so far, ended ones included.
///
/// # Errors
/// The system's; `NotFound` where there is no such process.
pub(super) fn of_tree(root: u32) -> io::Result<Duration> {
    let processes = all()?;
    let Some(stat) = processes.get(&root) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("process {root} has ended")));
    };
    let members = processes.iter().filter(|(pid, _)| is_within(&processes, **pid, root));
    let own: u64 = members.map(|(_, stat)| stat.own).sum();
    Ok(from_ticks(stat.ended_children + own))
}

/// CPU time that this process itself has taken so far.
///
/// # Errors
/// The system's.
pub(super) fn of_ourselves() -> io::Result<Duration> {
    let stat = parse(&fs::read_to_string("/proc/self/stat")?);
    stat.map(|stat| from_ticks(stat.own)).ok_or_else(|| io::Error::other("can't read /proc/self/stat"))
}

fn from_ticks(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn all() -> io::Result<HashMap<u32, Stat>> {
    let entries = fs::read_dir("/proc")?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // One that ends meanwhile is left out.
    Ok(pids
        .filter_map(|pid| Some((pid, parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect())
}

fn is_within(processes: &HashMap<u32, Stat>, pid: u32, root: u32) -> bool {
    let parent = |pid: &u32| processes.get(pid).map(|stat| stat.parent);
    std::iter::successors(Some(pid), parent).any(|ancestor| ancestor == root)
}

/// "pid (name) state parent …"; the name may contain anything, so the rest is behind its last bracket.
fn parse(stat: &str) -> Option<Stat> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    // Numbered from the state, which is field 3 of the manual.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        parent: number(4)?.try_into().ok()?,
        own: number(14)? + number(15)?,
        ended_children: number(16)? + number(17)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 100 0 0";
        assert_eq!(parse(line), Some(Stat { parent: 7, own: 33, ended_children: 77 }));
        assert_eq!(parse("42 (short) S 1"), None);
    }

    #[test]
    fn our_own_time_grows_and_nobody_has_the_highest_number() {
        let before = of_ourselves().unwrap();
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_millis(100) {
            std::hint::spin_loop();
        }
        assert!(of_ourselves().unwrap() > before);
        assert!(of_tree(std::process::id()).unwrap() > before);
        assert_eq!(of_tree(u32::MAX).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
