//! Whether what the programs count on holds at PostgreSQL, seen before it matters: a pooler between may have dropped
//! what each session is told, and hand sessions from one to another.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::connect::{Refused, Session};
use super::session::{BOUNDS, MARK};
use super::{DatabaseError, Pooling, Servers};
use crate::config::{DatabaseConfig, StartError};

/// How long a program waits for it at its start: it starts without PostgreSQL, too.
const WAIT_AT_START: Duration = Duration::from_secs(2);
/// How often a server that was away is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// What PgBouncer says of options that it neither knows nor is to ignore.
const NO_OPTIONS: &str = "unsupported startup parameter";
const OPTIONS_LOST: &str = "what sessions are told does not reach PostgreSQL: a pooler is between. Set \
    DATABASE_POOLING=transaction (of gateways and aggregators), or give the URL of PostgreSQL itself";

const IN_A_FOLDER: &str =
    "with DATABASE_POOLING=transaction a pooler is named by its address, not by a folder";

/// A server that has not been asked yet.
struct Unchecked {
    variable: &'static str,
    servers: Servers,
    pooling: Pooling,
}

/// Why a server is not known to be good.
enum Doubt {
    /// It could not be asked.
    Away,
    /// It is not.
    Bad(StartError),
}

/// For a program whose connections must have sessions of their own.
///
/// # Errors
/// Where it is told to share them.
pub fn needs_sessions(config: &DatabaseConfig) -> Result<(), StartError> {
    match config.database_pooling {
        Pooling::Session => Ok(()),
        Pooling::Transaction => Err(StartError::setting(
            "DATABASE_POOLING",
            "locks and migrations take sessions of their own: for this program leave it at session, and give it a \
             DATABASE_URL of PostgreSQL itself, not of a pooler",
        )),
    }
}

/// Does `work` once PostgreSQL and its replica are seen to be as `config` says, or are away; those that were away are
/// looked at later, beside it.
///
/// # Errors
/// When they are not as it says, then or later; and those of `work`.
pub async fn checked<E: From<StartError>>(
    config: &DatabaseConfig,
    work: impl Future<Output = Result<(), E>>,
) -> Result<(), E> {
    let mut first = pin!(check_each(named(config)?));
    let at_start = timeout(WAIT_AT_START, &mut first).await.ok().transpose()?;
    if at_start.as_ref().is_some_and(Vec::is_empty) {
        return work.await;
    }
    tracing::warn!("PostgreSQL or its replica is away: it is checked once it is back");
    let later = async {
        let mut away = match at_start {
            Some(away) => away,
            None => first.await?,
        };
        while !away.is_empty() {
            sleep(AGAIN).await;
            away = check_each(away).await?;
        }
        // Nothing is wrong, and the work goes on.
        pending::<Result<(), E>>().await
    };
    tokio::select! {
        done = work => done,
        bad = later => bad,
    }
}

/// The servers that `config` names.
fn named(config: &DatabaseConfig) -> Result<Vec<Unchecked>, StartError> {
    let pooling = config.database_pooling;
    let unchecked = |variable, servers: Result<Servers, DatabaseError>| {
        // What it fails for may hold a password.
        let servers = servers.map_err(|_| StartError::setting(variable, "is not a connection string"))?;
        if pooling == Pooling::Transaction && servers.are_in_folders() {
            return Err(StartError::setting(variable, IN_A_FOLDER));
        }
        Ok(Unchecked { variable, servers, pooling })
    };
    let primary = unchecked("DATABASE_URL", Servers::primary(&config.database_url, pooling))?;
    let replica = config.database_replica_url.as_deref();
    let replica = replica.map(|url| unchecked("DATABASE_REPLICA_URL", Servers::replica(url, pooling)));
    Ok([primary].into_iter().chain(replica.transpose()?).collect())
}

/// Asks each. Returns those that could not be asked.
async fn check_each(unchecked: Vec<Unchecked>) -> Result<Vec<Unchecked>, StartError> {
    let mut away = Vec::new();
    for server in unchecked {
        match timeout(ANSWER_WITHIN, server.check()).await {
            Ok(Ok(())) => {}
            Ok(Err(Doubt::Bad(bad))) => return Err(bad),
            Ok(Err(Doubt::Away)) | Err(_) => away.push(server),
        }
    }
    Ok(away)
}

impl Unchecked {
    async fn check(&self) -> Result<(), Doubt> {
        let (_, session) = self.servers.first_that_serves().await.map_err(|why| self.refused(&why))?;
        match self.pooling {
            Pooling::Session => self.check_told(session).await,
            Pooling::Transaction => self.check_bounds(session).await,
        }
    }

    fn refused(&self, why: &Refused) -> Doubt {
        if !why.to_string().contains(NO_OPTIONS) {
            return Doubt::Away;
        }
        match self.pooling {
            Pooling::Session => self.bad(OPTIONS_LOST),
            Pooling::Transaction => self.bad("a pooler between takes no options: take them out of it"),
        }
    }

    /// Whether the session was told what it should be.
    async fn check_told(&self, session: Session) -> Result<(), Doubt> {
        let (mark, told) = MARK;
        let found = ask(session, &format!("SELECT current_setting('{mark}', true)")).await?;
        match found.iter().any(|row| row.get(0) == Some(told)) {
            true => Ok(()),
            false => Err(self.bad(OPTIONS_LOST)),
        }
    }

    /// Whether sessions are bounded at least as tightly as ours would be.
    async fn check_bounds(&self, session: Session) -> Result<(), Doubt> {
        let columns =
            BOUNDS.map(|(name, _)| format!("(SELECT setting FROM pg_settings WHERE name = '{name}')"));
        let found =
            ask(session, &format!("SELECT quote_ident(current_user), {}", columns.join(", "))).await?;
        let row = found.first().ok_or(Doubt::Away)?;
        let is_bounded = |column, seconds: u32| {
            let milliseconds = row.get(column).and_then(|text| text.parse().ok());
            milliseconds.is_some_and(|found: u32| (1..=seconds * 1000).contains(&found))
        };
        let role = row.get(0).unwrap_or_default();
        let missing: Vec<String> = (1..)
            .zip(BOUNDS)
            .filter(|(column, (_, seconds))| !is_bounded(*column, *seconds))
            .map(|(_, (name, seconds))| format!("ALTER ROLE {role} SET {name} = '{seconds}s';"))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(self.bad(&format!(
            "with DATABASE_POOLING=transaction the role bounds its sessions, and it does not: run {} and then RECONNECT \
             at the pooler",
            missing.join(" ")
        )))
    }

    fn bad(&self, problem: &str) -> Doubt {
        Doubt::Bad(StartError::setting(self.variable, problem))
    }
}

/// What the server answers. Without a prepared statement: whether these work is what is in doubt.
async fn ask(session: Session, query: &str) -> Result<Vec<SimpleQueryRow>, Doubt> {
    let Session { client, connection } = session;
    let messages = tokio::select! {
        messages = client.simple_query(query) => messages.map_err(|_| Doubt::Away)?,
        _ = connection => return Err(Doubt::Away),
    };
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    };
    Ok(messages.into_iter().filter_map(row).collect())
}
