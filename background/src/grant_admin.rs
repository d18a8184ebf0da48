//! Makes an account an admin. Whoever may run this has the database already.

use pollster_shared::accounts;
use pollster_shared::database::{self, DatabaseError};

/// Why nobody was made an admin.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The e-mail address is nobody's.
    #[error("there is no account with the e-mail address {0}")]
    Unknown(String),
}

/// Makes the account of `email` an admin; one that is stays one.
///
/// # Errors
/// When PostgreSQL can't be reached, or there is no such account.
pub async fn run(database_url: &str, email: &str) -> Result<(), GrantError> {
    let mut connection = database::connect_unbounded(database_url).await?;
    let granted = accounts::grant_admin(&mut connection, email.trim()).await.map_err(DatabaseError::from)?;
    if granted { Ok(()) } else { Err(GrantError::Unknown(email.to_owned())) }
}
