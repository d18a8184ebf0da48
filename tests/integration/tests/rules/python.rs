//! Programs in Python that look at ours from outside.

use std::path::PathBuf;

/// A program of the Python environment that `docker/install.sh tests` makes in the folder where this was built; `None`
/// where it was not installed.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let this = std::env::current_exe().unwrap();
    // <target>/debug/deps/<this>
    let program = this.ancestors().nth(3)?.join("python/bin").join(name);
    program.is_file().then_some(program)
}
