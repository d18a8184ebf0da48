//! The poll that a command is about.

use diesel_async::AsyncPgConnection;
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::program::ProgramError;

use super::{database, failed};

/// The poll of this id or slug.
pub(super) async fn find(connection: &mut AsyncPgConnection, name: &str) -> Result<Poll, ProgramError> {
    let poll = polls::find(connection, &PollName::parse(name)).await.map_err(database)?;
    poll.ok_or_else(|| failed(format!("there is no poll with the id or slug {name}")))
}
