//! Accounts in PostgreSQL. Those of our own have an e-mail address, a username and a password; those of an
//! installation's identity provider are known by the subject of their access tokens alone.

mod change;
mod choices;
mod recipients;
mod tokens;

use chrono::{DateTime, Utc};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub use change::{All, Change, ChangeError, Read, change};
pub use choices::{ChoicesChange, DigestChoice, NotificationChoices};
pub use recipients::{Recipient, number_with_digest, with_digest, with_nudges};
pub use tokens::{Purpose, change_password, may_change_password, new_token, verify_email};

use crate::schema::users;

/// An account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Account {
    /// Its id inside PostgreSQL.
    pub id: i64,
    /// Its id outside.
    pub user_id: Uuid,
    /// What access tokens call it: its own id, or the identity provider's name for it.
    pub subject: String,
    /// Its e-mail address as it was given; none for an identity provider's account, as the username.
    pub email: Option<String>,
    /// Its username as it was given.
    pub username: Option<String>,
    role: String,
    /// Since when the e-mail address is known to be its owner's.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What it wants to be told.
    #[diesel(embed)]
    pub choices: NotificationChoices,
}

impl Account {
    /// Whether it has every right of every poll's creator.
    pub fn is_admin(&self) -> bool {
        self.role == ADMIN
    }
}

/// An account of our own that is to be made, its fields checked before.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// Its e-mail address.
    pub email: &'a str,
    /// Its username.
    pub username: &'a str,
    /// Its password's hash, as a PHC string.
    pub password_hash: &'a str,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another one has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another one has this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// PostgreSQL failed.
    #[error(transparent)]
    Query(Error),
}

const ADMIN: &str = "admin";

/// What is compared of an e-mail address or username, so that no two accounts differ by case alone.
/// Lower case as Unicode has it, whatever the database's locale.
pub fn key(text: &str) -> String {
    text.to_lowercase()
}

/// Makes an account of our own, not verified yet.
///
/// # Errors
/// Where the e-mail address or username is taken, also by an account that is being made at the same time, or
/// PostgreSQL fails.
pub async fn create(
    connection: &mut AsyncPgConnection,
    account: NewAccount<'_>,
) -> Result<Account, CreateError> {
    let user_id = Uuid::now_v7();
    let inserted = diesel::insert_into(users::table)
        .values((
            users::user_id.eq(user_id),
            users::subject.eq(user_id.to_string()),
            users::email.eq(account.email),
            users::email_key.eq(key(account.email)),
            users::username.eq(account.username),
            users::username_key.eq(key(account.username)),
            users::password_hash.eq(account.password_hash),
        ))
        .returning(Account::as_returning())
        .get_result(connection)
        .await;
    inserted.map_err(|error| match &error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, about) => match about.constraint_name() {
            Some("users_email_key") => CreateError::EmailTaken,
            Some("users_username_key") => CreateError::UsernameTaken,
            _ => CreateError::Query(error),
        },
        _ => CreateError::Query(error),
    })
}

/// The account that access tokens call `subject`, `None` where there is none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn find_by_subject(
    connection: &mut AsyncPgConnection,
    subject: &str,
) -> QueryResult<Option<Account>> {
    let account = users::table.filter(users::subject.eq(subject)).select(Account::as_select());
    account.first(connection).await.optional()
}

/// The account of this e-mail address with its password's hash, `None` where there is none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn find_by_email(
    connection: &mut AsyncPgConnection,
    email: &str,
) -> QueryResult<Option<(Account, String)>> {
    // PostgreSQL's text holds no NUL, and takes none to compare with either.
    if email.contains('\0') {
        return Ok(None);
    }
    let found: Option<(Account, Option<String>)> = users::table
        .filter(users::email_key.eq(key(email)))
        .select((Account::as_select(), users::password_hash))
        .first(connection)
        .await
        .optional()?;
    Ok(found.and_then(|(account, password_hash)| Some((account, password_hash?))))
}

/// Makes the account of this e-mail address an admin; `false` where there is none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn grant_admin(connection: &mut AsyncPgConnection, email: &str) -> QueryResult<bool> {
    let account = users::table.filter(users::email_key.eq(key(email)));
    let changed = diesel::update(account).set(users::role.eq(ADMIN)).execute(connection).await?;
    Ok(changed == 1)
}

/// Deletes the account that access tokens call `subject`; `false` where there is none. Its polls stay, without
/// a creator, and so do its votes, which never named it.
///
/// # Errors
/// When PostgreSQL fails; nothing is deleted then.
pub async fn delete(connection: &mut AsyncPgConnection, subject: &str) -> QueryResult<bool> {
    let account = users::table.filter(users::subject.eq(subject));
    Ok(diesel::delete(account).execute(connection).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn what_differs_by_case_alone_has_one_key() {
        assert_eq!(key("Ann.Ö@Example.ORG"), key("aNN.ö@eXAMPLE.org"));
        assert_eq!(key("ΣΊΣΥΦΟΣ@example.org"), "σίσυφος@example.org");
        assert_ne!(key("ann"), key("änn"));
    }
}
