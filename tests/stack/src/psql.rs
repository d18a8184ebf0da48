//! SQL that can't run in a transaction or needs no client of ours, by PostgreSQL's own one.

use std::path::Path;
use std::process::Command;

use crate::StackError;

/// Runs one statement in the database `postgres` and returns the rows as bare text.
pub(crate) fn run(bin: &Path, port: u16, statement: &str) -> Result<String, StackError> {
    let output = Command::new(bin.join("psql"))
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host=127.0.0.1"])
        .arg(format!("--port={port}"))
        .args(["--username=pollster", "--dbname=postgres", "--set=ON_ERROR_STOP=1", "--command"])
        .arg(statement)
        .env("PGCONNECT_TIMEOUT", "10")
        .output()
        .map_err(StackError::io("starting psql"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(StackError::Psql { message: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

/// The name as it may stand in a statement without quotes.
pub(crate) fn checked(name: &str) -> Result<&str, StackError> {
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    // PostgreSQL cuts longer ones off, silently.
    if starts_well && name.len() <= 63 && name.chars().all(is_plain) {
        return Ok(name);
    }
    Err(StackError::BadDatabaseName { name: name.to_owned() })
}
