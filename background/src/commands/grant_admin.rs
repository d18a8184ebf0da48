//! Makes an account an admin. Whoever may run this has the database already.

use pollster_shared::accounts;
use pollster_shared::config::DatabaseConfig;
use pollster_shared::database;
use pollster_shared::program::ProgramError;

use super::failed;

/// Settings of `grant-admin`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseConfig,
    /// E-mail address of the account
    #[arg(long)]
    pub email: String,
}

/// Makes the account of this e-mail address an admin; one that is stays one.
///
/// # Errors
/// When PostgreSQL can't be reached, or there is no such account.
pub async fn run(args: &Args) -> Result<(), ProgramError> {
    let email = args.email.trim();
    let connected = database::connect_unbounded(&args.database.database_url).await;
    let mut connection = connected.map_err(failed)?;
    if !accounts::grant_admin(&mut connection, email).await.map_err(super::database)? {
        return Err(failed(format!("there is no account with the e-mail address {email}")));
    }
    println!("{email} is an admin with the next sign-in");
    Ok(())
}
