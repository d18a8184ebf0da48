//! Whom a poll belongs to: the account that made it, or whoever holds its manage token.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult,
    Queryable,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{polls, users};
use crate::vote::HashSecret;

/// What a poll's owner is known by. A poll whose creator has left has neither.
#[derive(Queryable)]
pub struct Owner {
    creator: Option<String>,
    manage_token_hash: Option<Vec<u8>>,
}

impl Owner {
    /// Whether the poll belongs to the account that access tokens call `subject`.
    pub fn is_account(&self, subject: &str) -> bool {
        self.creator.as_deref() == Some(subject)
    }

    /// Whether `manage_token` is the one that was given to who made the poll.
    pub fn holds(&self, secret: &HashSecret, manage_token: &str) -> bool {
        let given = blake3::Hash::from_bytes(manage_token_hash(secret, manage_token));
        // `blake3::Hash` compares in constant time.
        self.manage_token_hash
            .as_deref()
            .and_then(|stored| <[u8; 32]>::try_from(stored).ok())
            .is_some_and(|stored| given == blake3::Hash::from_bytes(stored))
    }
}

/// Whom the poll belongs to, `None` where it is gone.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn owner(connection: &mut AsyncPgConnection, poll_id: Uuid) -> QueryResult<Option<Owner>> {
    polls::table
        .left_join(users::table.on(polls::creator.eq(users::id.nullable())))
        .filter(polls::poll_id.eq(poll_id))
        .filter(polls::deleted_at.is_null())
        .select((users::subject.nullable(), polls::manage_token_hash))
        .first(connection)
        .await
        .optional()
}

/// Gives a poll that its manage token still stands for to the account whose row `creator` is, and ends the token.
/// Of several at once one succeeds; the others, like those with a wrong token, change nothing.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn claim(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    poll_id: Uuid,
    creator: i64,
    manage_token: &str,
) -> QueryResult<()> {
    let token_hash = manage_token_hash(secret, manage_token);
    diesel::update(polls::table)
        .filter(polls::poll_id.eq(poll_id))
        .filter(polls::deleted_at.is_null())
        .filter(polls::manage_token_hash.eq(token_hash.as_slice()))
        .set((polls::creator.eq(creator), polls::manage_token_hash.eq(None::<Vec<u8>>)))
        .execute(connection)
        .await?;
    Ok(())
}

/// What is stored of a manage token.
pub(super) fn manage_token_hash(secret: &HashSecret, manage_token: &str) -> [u8; 32] {
    secret.hash("manage token", manage_token.as_bytes())
}
