//! Accounts that invalid logins ask for.

use serde_json::json;
use tokio_postgres::NoTls;

/// Enough that no limit of an account's own (by default 10 logins a minute) is what stops a flood.
const ACCOUNTS: u32 = 2000;
/// A hash as the gateway makes them. That no password is known to have it is no loss: all are wrong.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const INSERT: &str = "INSERT INTO users (user_id, subject, email, email_key, username, username_key, password_hash) \
    SELECT id, id, name || '@example.org', name || '@example.org', name, name, $2 \
    FROM (SELECT gen_random_uuid() AS id, 'known-' || n AS name FROM generate_series(0, $1::int - 1) AS n) AS a";

/// Makes the accounts, without the gateway: it would hash each one's password.
pub(super) async fn insert(url: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // What ends it is seen by the statement that it carries.
    tokio::spawn(connection);
    let accounts = ACCOUNTS.cast_signed();
    client.execute(INSERT, &[&accounts, &HASH]).await.map(drop)
}

/// The body of the login of this number: every other one asks for an account that there is.
pub(super) fn login(number: u32) -> String {
    let name = if number.is_multiple_of(2) { "known" } else { "unknown" };
    let email = format!("{name}-{}@example.org", number / 2 % ACCOUNTS);
    json!({"email": email, "password": "not the password"}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_take_turns_over_all_accounts() {
        let asks_for =
            |number, email: &str| assert!(login(number).contains(&format!("\"{email}@example.org\"")));
        asks_for(0, "known-0");
        asks_for(1, "unknown-0");
        asks_for(2, "known-1");
        asks_for(2 * ACCOUNTS - 1, &format!("unknown-{}", ACCOUNTS - 1));
        asks_for(2 * ACCOUNTS, "known-0");
    }
}
