//! Mailed tokens: who shows one reads the account's mail. Only their hashes are stored; each is taken once and
//! within its life.

use diesel::dsl::{IntervalDsl, now};
use diesel::sql_types::Timestamptz;
use diesel::{ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, QueryResult, SelectableHelper};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::Account;
use crate::schema::{account_tokens, users};
use crate::vote::HashSecret;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To verify the e-mail address that it was sent to; lives 24 hours.
    VerifyEmail,
    /// To set a new password; lives one hour.
    ResetPassword,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }

    fn life_hours(self) -> i32 {
        match self {
            Self::VerifyEmail => 24,
            Self::ResetPassword => 1,
        }
    }
}

/// Makes a token for the account with this id inside PostgreSQL, and removes all that have expired.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn new_token(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    account: i64,
    purpose: Purpose,
) -> QueryResult<String> {
    let expired = account_tokens::table.filter(account_tokens::expires_at.le(now));
    diesel::delete(expired).execute(connection).await?;
    let token = random_token();
    diesel::insert_into(account_tokens::table)
        .values((
            account_tokens::token_hash.eq(hash(secret, &token)),
            account_tokens::account.eq(account),
            account_tokens::purpose.eq(purpose.name()),
            account_tokens::expires_at.eq(now.into_sql::<Timestamptz>() + purpose.life_hours().hours()),
        ))
        .execute(connection)
        .await?;
    Ok(token)
}

/// Takes a token that verifies an e-mail address; `false` where it is unknown, used or expired.
///
/// # Errors
/// When PostgreSQL fails; the token is not used then.
pub async fn verify_email(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    token: &str,
) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let taken = take(connection, secret, token, Purpose::VerifyEmail).await?;
            let Some(account) = taken else { return Ok(false) };
            let unverified = users::table.find(account).filter(users::verified_at.is_null());
            diesel::update(unverified).set(users::verified_at.eq(now)).execute(connection).await?;
            Ok(true)
        })
        .await
}

/// The account whose password this token may set; `None` where it is unknown, used or expired. The token
/// stays good.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn may_change_password(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    token: &str,
) -> QueryResult<Option<Account>> {
    let good = account_tokens::table
        .filter(account_tokens::token_hash.eq(hash(secret, token)))
        .filter(account_tokens::purpose.eq(Purpose::ResetPassword.name()))
        .filter(account_tokens::expires_at.gt(now))
        .select(account_tokens::account);
    let holder = users::table.filter(users::id.eq_any(good)).select(Account::as_select());
    holder.first(connection).await.optional()
}

/// Takes a token that sets a password, and with it every other such token of its account; `false` where it is
/// unknown, used or expired.
///
/// # Errors
/// When PostgreSQL fails; the token is not used then.
pub async fn change_password(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    token: &str,
    password_hash: &str,
) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let taken = take(connection, secret, token, Purpose::ResetPassword).await?;
            let Some(account) = taken else { return Ok(false) };
            let others = account_tokens::table
                .filter(account_tokens::account.eq(account))
                .filter(account_tokens::purpose.eq(Purpose::ResetPassword.name()));
            diesel::delete(others).execute(connection).await?;
            let account = users::table.find(account);
            let changed = users::password_hash.eq(password_hash);
            diesel::update(account).set(changed).execute(connection).await?;
            Ok(true)
        })
        .await
}

/// Removes a token that is good for this, and says whose it was.
async fn take(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    token: &str,
    purpose: Purpose,
) -> QueryResult<Option<i64>> {
    let good = account_tokens::table
        .filter(account_tokens::token_hash.eq(hash(secret, token)))
        .filter(account_tokens::purpose.eq(purpose.name()))
        .filter(account_tokens::expires_at.gt(now));
    diesel::delete(good).returning(account_tokens::account).get_result(connection).await.optional()
}

fn hash(secret: &HashSecret, token: &str) -> Vec<u8> {
    secret.hash("account token", token.as_bytes()).to_vec()
}

/// 32 random bytes as hex.
fn random_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("the system has no randomness: {error}"));
    blake3::Hash::from_bytes(bytes).to_hex().to_string()
}
