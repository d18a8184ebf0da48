//! A disk that can be full.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How often its use may grow between the measure and the cut.
const TRIES: u64 = 20;
/// What is left more with each of them, in bytes.
const SLACK: u64 = 64 * 1024;

/// A file system of its own in memory, mounted on a folder.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    size: &'static str,
    janitor: Child,
}

impl Disk {
    /// Mounts one, empty. `None` where this process may not mount: only root may.
    pub(super) fn mount(folder: &Path, size: &'static str) -> Option<Self> {
        std::fs::create_dir_all(folder).expect("a folder for a disk");
        let mounted = mount(folder, &format!("size={size}"));
        mounted.then(|| Self { folder: folder.to_owned(), size, janitor: janitor(folder) })
    }

    /// Leaves next to no room beyond what is taken now. A file that fills it would take memory, a smaller disk
    /// takes none.
    pub(super) fn fill(&self) {
        let filled = (0..TRIES).any(|tried| {
            let disk = rustix::fs::statvfs(&self.folder).expect("a disk tells its size");
            let taken = (disk.f_blocks - disk.f_bfree) * disk.f_frsize;
            mount(&self.folder, &format!("remount,size={}", taken + tried * SLACK))
        });
        assert!(filled, "a disk shrinks to what is taken");
    }

    /// Gives the room back.
    pub(super) fn free(&self) {
        assert!(mount(&self.folder, &format!("remount,size={}", self.size)), "a disk grows");
    }
}

fn mount(folder: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
    mount.output().is_ok_and(|output| output.status.success())
}

/// A process that unmounts `folder` once this one is gone, however it went: the pipe between them closes. Nobody
/// else would give the memory back.
fn janitor(folder: &Path) -> Child {
    let mut janitor = Command::new("setsid");
    janitor.args(["sh", "-c", r#"cat > /dev/null; umount --lazy "$1""#, "janitor"]).arg(folder);
    janitor.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh starts")
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It waits for no more than the end of the pipe.
        drop(self.janitor.stdin.take());
        let _ = self.janitor.wait();
    }
}
