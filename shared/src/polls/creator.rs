//! The accounts that polls belong to, found by what access tokens call them.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::users;

/// The row of the account that access tokens call `subject`, `None` where there is none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn creator(connection: &mut AsyncPgConnection, subject: &str) -> QueryResult<Option<i64>> {
    users::table.filter(users::subject.eq(subject)).select(users::id).first(connection).await.optional()
}

/// The row of the account that access tokens call `subject`. An identity provider's account gets one when it
/// is first needed. Where the accounts are our own, one without a row has left, though its tokens are still
/// valid for a while: that is `None`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn creator_or_new(
    connection: &mut AsyncPgConnection,
    subject: &str,
    own_accounts: bool,
) -> QueryResult<Option<i64>> {
    let found = creator(connection, subject).await?;
    if found.is_some() || own_accounts {
        return Ok(found);
    }
    diesel::insert_into(users::table)
        .values((users::user_id.eq(Uuid::now_v7()), users::subject.eq(subject), users::role.eq("user")))
        .on_conflict(users::subject)
        .do_nothing()
        .execute(connection)
        .await?;
    creator(connection, subject).await
}
