//! Where PostgreSQL is installed, and the making of its data folder.

use std::path::{Path, PathBuf};

use crate::launch::{User, command};
use crate::{Lifetime, StackError};

/// The oldest major version that we run with.
const OLDEST: u32 = 14;

/// The folder of the newest version's programs: Debian's, else the first in PATH.
pub(super) fn find() -> Result<PathBuf, StackError> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = debian
        .filter_map(|entry| {
            let major: u32 = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            (major >= OLDEST && bin.join("postgres").exists()).then_some((major, bin))
        })
        .max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = || std::env::split_paths(&path).find(|folder| folder.join("postgres").exists());
    newest.map(|(_, bin)| bin).or_else(in_path).ok_or(StackError::NotInstalled { program: "postgres" })
}

/// Makes the data folder, unless there is one. It is made beside and renamed when complete, so that an
/// interrupted start leaves no half one behind.
pub(super) fn make_data_folder(bin: &Path, dir: &Path) -> Result<(), StackError> {
    if dir.join("PG_VERSION").exists() {
        return Ok(());
    }
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let unfinished = dir.with_file_name(name);
    let io = |what: &'static str| StackError::io(format!("{what} {}", dir.display()));
    let _ = std::fs::remove_dir_all(&unfinished);
    if let Some(parent) = dir.parent() {
        std::fs::create_dir_all(parent).map_err(io("making the folder above"))?;
    }
    initdb(bin, &unfinished)?;
    // Replaces an empty folder, and refuses one with other contents.
    std::fs::rename(&unfinished, dir).map_err(io("making the data folder"))
}

fn initdb(bin: &Path, dir: &Path) -> Result<(), StackError> {
    let mut command = command(&bin.join("initdb"), Lifetime::WithParent, User::NotRoot);
    command.arg("-D").arg(dir).args([
        "--username=pollster",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-instructions",
    ]);
    let log = dir.with_extension("initdb.log");
    let mut process = crate::Process::spawn("initdb", command, Lifetime::WithParent, &log)?;
    let exit = crate::until("initdb", std::time::Duration::from_secs(120), &log, || process.ended())?;
    if !exit.success() {
        return Err(process.end_as_error(exit));
    }
    let _ = std::fs::remove_file(&log);
    Ok(())
}
