//! The migrations as files, and folders with some of them.

use std::fs;
use std::path::{Path, PathBuf};

use pollster_background::commands::migrate::{self, MigrateError, Patience};

/// Where the repository has them.
pub(super) fn all() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations")
}

/// The names of the repository's, in order.
pub(super) fn names() -> Vec<String> {
    let entries = fs::read_dir(all()).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Makes `folder` one of the repository's first `count` migrations.
pub(super) fn first(folder: &Path, count: usize) {
    fs::create_dir_all(folder).unwrap();
    for name in &names()[..count] {
        let (from, to) = (all().join(name), folder.join(name));
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

/// Adds a migration that comes after all of the repository's.
pub(super) fn add(folder: &Path, name: &str, up: &str, in_transaction: bool) {
    let folder = folder.join(format!("2999-01-01-000001_{name}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("up.sql"), up).unwrap();
    fs::write(folder.join("down.sql"), "SELECT 1;").unwrap();
    fs::write(folder.join("metadata.toml"), format!("run_in_transaction = {in_transaction}\n")).unwrap();
}

/// Applies what is pending of a folder's.
pub(super) async fn apply(folder: &Path, url: &str, patience: Patience) -> Result<usize, MigrateError> {
    let migrations = diesel_migrations::FileBasedMigrations::from_path(folder).unwrap();
    migrate::up_from(migrations, url, patience).await
}
