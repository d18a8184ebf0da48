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

/// Time that all cores of this machine together have been busy so far, and idle or waiting for a disk.
///
/// # Errors
/// The system's.
pub(super) fn of_machine() -> io::Result<[Duration; 2]> {
    let ticks = parse_cores(&fs::read_to_string("/proc/stat")?);
    ticks.map(|ticks| ticks.map(from_ticks)).ok_or_else(|| io::Error::other("can't read /proc/stat"))
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

/// "cpu user nice system idle iowait irq softirq steal …", over all cores: busy and idle ticks.
fn parse_cores(stat: &str) -> Option<[u64; 2]> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace();
    let ticks: Vec<u64> = fields.map(str::parse).collect::<Result<_, _>>().ok()?;
    let [user, nice, system, idle, iowait, irq, softirq, steal, ..] = ticks[..] else { return None };
    Some([user + nice + system + irq + softirq + steal, idle + iowait])
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
    fn cores_are_idle_also_while_they_wait_for_a_disk() {
        let stat = "cpu  100 0 20 3000 40 0 9 1 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
        assert_eq!(parse_cores(stat), Some([130, 3040]));
        assert_eq!(parse_cores("cpu0 1 1 1 1 1 1 1 1"), None);
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
