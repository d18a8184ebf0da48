//! Many clients on few connections of the server: each gets its own answers.

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{IntoSql, QueryResult, QueryableByName};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::{join_all, try_join3};
use pollster_integration::{DEADLINE, Database, PgBouncerServer, Scratch, wait_until};
use pollster_stack::PgBouncer;
use tokio::sync::Barrier;

use super::{SERVER_CONNECTIONS, server_connections, sharing_pool};

const CLIENTS: u32 = 16;
const ROUNDS: i64 = 40;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// By a statement that is prepared once a connection.
async fn echo(connection: &mut AsyncPgConnection, number: i64) -> QueryResult<i64> {
    diesel::select(number.into_sql::<BigInt>()).get_result(connection).await
}

/// By a statement that is prepared each time.
async fn square(connection: &AsyncPgConnection, number: i64) -> QueryResult<i64> {
    let query = diesel::sql_query("SELECT $1 * $1 AS number").bind::<BigInt, _>(number);
    let mut connection = connection;
    Ok(query.get_result::<Number>(&mut connection).await?.number)
}

async fn count(connection: &mut AsyncPgConnection) -> QueryResult<usize> {
    diesel::sql_query("UPDATE counter SET number = number + 1").execute(connection).await
}

/// Everything that clients do, each with numbers of its own.
async fn one_round(connection: &mut AsyncPgConnection, number: i64) {
    assert_eq!(echo(connection, number).await.unwrap(), number);
    connection
        .transaction(async |connection| {
            count(connection).await?;
            assert_eq!(echo(connection, -number).await?, -number);
            QueryResult::Ok(())
        })
        .await
        .unwrap();
    // At once, over the one connection.
    let together =
        try_join3(square(connection, number), square(connection, number + 1), square(connection, number + 2));
    let expected = (number.pow(2), (number + 1).pow(2), (number + 2).pow(2));
    assert_eq!(together.await.unwrap(), expected);
    // What fails fails for its own client alone.
    let zero = diesel::select(sql::<BigInt>("1 / ").bind::<BigInt, _>(0));
    assert!(zero.get_result::<i64>(connection).await.unwrap_err().to_string().contains("division by zero"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_clients_on_three_connections_get_their_own_answers() {
    if PgBouncer::is_missing() {
        return;
    }
    let scratch = Scratch::new("sharing").unwrap();
    let database = Database::migrated().await;
    let own = database.connect().await;
    own.batch_execute("CREATE TABLE counter AS SELECT 0 AS number").await.unwrap();
    let pgbouncer = PgBouncerServer::start(scratch.path(), &database, |pooler| {
        pooler.size = SERVER_CONNECTIONS;
    })
    .await;
    let pool = sharing_pool(pgbouncer.url(), CLIENTS);
    let all_done = Barrier::new(CLIENTS as usize);
    join_all((0..i64::from(CLIENTS)).map(|client| {
        let (pool, all_done) = (&pool, &all_done);
        async move {
            let mut connection = pool.get().await.unwrap();
            for round in 0..ROUNDS {
                one_round(&mut connection, client * 1000 + round).await;
            }
            // Held to the end, so that all are there at once.
            all_done.wait().await;
        }
    }))
    .await;
    assert_eq!(pool.state().connections, CLIENTS);
    // This test's own, beside those of PgBouncer.
    assert!(server_connections(&database).await <= i64::from(SERVER_CONNECTIONS) + 1);
    let counted: i32 = own.query_one("SELECT number FROM counter", &[]).await.unwrap().get(0);
    assert_eq!(i64::from(counted), i64::from(CLIENTS) * ROUNDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_poolers_one_is_enough() {
    if PgBouncer::is_missing() {
        return;
    }
    let scratch = Scratch::new("two").unwrap();
    let database = Database::migrated().await;
    let first = PgBouncerServer::start(&scratch.path().join("first"), &database, |_| {}).await;
    let second = PgBouncerServer::start(&scratch.path().join("second"), &database, |_| {}).await;
    let address = |url: &str| url.split(['@', '/']).nth(3).unwrap().to_owned();
    let both = format!("{},{}", address(first.url()), address(second.url()));
    let url = first.url().replace(&address(first.url()), &both);
    let pool = sharing_pool(&url, 2);
    assert_eq!(echo(&mut pool.get().await.unwrap(), 1).await.unwrap(), 1);
    for (gone, back) in [(&first, &second), (&second, &first)] {
        back.restart().await;
        gone.kill().await;
        wait_until("the other one is used", DEADLINE, async || {
            echo(&mut *pool.get().await.ok()?, 2).await.ok()
        })
        .await;
    }
}
