//! One-off commands, a file each.

pub mod archive;
pub mod close_due;
pub mod dead_letters;
pub mod digest;
pub mod export;
pub mod grant_admin;
pub mod migrate;
pub mod partitions;
mod poll;
pub mod reconcile;
pub mod restore;
pub mod verify_archive;

use std::fmt::Display;

use pollster_shared::database::DatabaseError;
use pollster_shared::program::ProgramError;

/// That the command failed for this reason.
fn failed(reason: impl Display) -> ProgramError {
    ProgramError::Failed(reason.to_string())
}

/// That PostgreSQL failed.
fn database(error: impl Into<DatabaseError>) -> ProgramError {
    failed(error.into())
}
