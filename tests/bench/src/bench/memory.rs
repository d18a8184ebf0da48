//! Memory of processes, from `/proc` (proc(5)).

use std::io;

/// What of the process `pid` is in memory, in KB. What the kernel keeps for its sockets is not in it.
///
/// # Errors
/// The system's; `NotFound` where there is no such process.
pub(super) fn resident_kb(pid: u32) -> io::Result<u64> {
    read(pid, "VmRSS:")
}

/// The most that it ever was, in KB.
///
/// # Errors
/// As [`resident_kb`].
pub(super) fn peak_kb(pid: u32) -> io::Result<u64> {
    read(pid, "VmHWM:")
}

fn read(pid: u32, field: &str) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    parse(&status, field).ok_or_else(|| io::Error::other(format!("no {field} in /proc/{pid}/status")))
}

fn parse(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_part_is_read() {
        let status = "Name:\ta\nVmHWM:\t   90000 kB\nVmRSS:\t   12345 kB\nRssAnon:\t  1 kB\n";
        assert_eq!((parse(status, "VmRSS:"), parse(status, "VmHWM:")), (Some(12345), Some(90000)));
        assert_eq!(parse("Name:\ta\n", "VmRSS:"), None);
    }

    #[test]
    fn memory_in_use_is_seen() {
        let before = resident_kb(std::process::id()).unwrap();
        let touched = std::hint::black_box(vec![1u8; 64 << 20]);
        assert!(resident_kb(std::process::id()).unwrap() > before + (32 << 10));
        drop(touched);
        assert!(peak_kb(std::process::id()).unwrap() > before + (32 << 10));
    }
}
