//! What stays at the server, and what does not.

use diesel_async::RunQueryDsl;
use pollster_integration::{Database, Stack, lunch, token};
use pollster_shared::database;
use pollster_stack::PgBouncer;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::changes::{change, changeable, is};

/// The session, and what may be left in it: statements, cursors, tables, locks, settings.
const LEFT: &str = "SELECT pg_backend_pid(), (SELECT count(*) FROM pg_prepared_statements), \
    (SELECT count(*) FROM pg_cursors), (SELECT count(*) FROM pg_class WHERE relpersistence = 't'), \
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), \
    current_setting('statement_timeout'), current_setting('transaction_isolation')";

/// The first row that the server gives to whoever comes through `url`.
async fn through(url: &str, query: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let found = client.simple_query(query).await.unwrap();
    let row = found.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.unwrap();
    (0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_transaction_is_left_to_the_next_one() {
    if PgBouncer::is_missing() {
        return;
    }
    // All share one connection, so that whoever comes next gets what is left of anyone.
    let stack = Stack::builder().pooled(1).without_background().start().await;
    let url = stack.pgbouncer().url();
    let session = through(url, "SELECT pg_backend_pid()").await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("1"), poll.ballot(0, 0)).await;
    is(&change(&stack, &poll, &voter, "2", 1).await, 202, None);
    stack.drained().await;
    assert_eq!(stack.close(&poll).await.status, 200);
    let left = async || through(url, LEFT).await;
    assert_eq!(left().await, [session[0].as_str(), "0", "0", "0", "0", "8s", "read committed"]);
    // What somebody leaves there is seen.
    through(url, "PREPARE statement AS SELECT 1; SELECT pg_advisory_lock(1)").await;
    assert_eq!(left().await[1..5], ["1", "0", "0", "1"]);
}

#[tokio::test]
async fn migrations_have_no_time_bounds_also_where_sessions_are_bounded() {
    #[derive(diesel::QueryableByName)]
    struct Bounds {
        #[diesel(sql_type = diesel::sql_types::Text)]
        bounds: String,
    }
    const BOUNDS: &str = "SELECT concat_ws(' ', current_setting('idle_in_transaction_session_timeout'), \
        current_setting('statement_timeout'), current_setting('lock_timeout')) AS bounds";
    let bounded = Database::empty().await;
    bounded.bound_sessions().await;
    let row = bounded.connect().await.query_one(BOUNDS, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "3s 8s 6s");
    let mut connection = database::connect_unbounded(bounded.url()).await.unwrap();
    let found: Bounds = diesel::sql_query(BOUNDS).get_result(&mut connection).await.unwrap();
    assert_eq!(found.bounds, "0 0 0");
}
