//! Which of the servers of a connection string is connected to.

use std::net::{Ipv4Addr, TcpListener};

use diesel::sql_query;
use diesel::sql_types::{Bool, Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use pollster_integration::{DEADLINE, Database, Scratch, wait_until};
use pollster_shared::database::{self, Pool};

use super::with_synchronous_standby;

#[derive(diesel::QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Integer)]
    port: i32,
    #[diesel(sql_type = Bool)]
    is_standby: bool,
}

async fn backend(connection: &mut AsyncPgConnection) -> Backend {
    let question =
        "SELECT pg_backend_pid() AS pid, inet_server_port() AS port, pg_is_in_recovery() AS is_standby";
    sql_query(question).get_result(connection).await.unwrap()
}

async fn write(connection: &mut AsyncPgConnection) -> Result<(), diesel::result::Error> {
    connection.batch_execute("CREATE TABLE written ()").await?;
    connection.batch_execute("DROP TABLE written").await
}

fn port(url: &str) -> &str {
    url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()).unwrap()
}

/// A connection string of two servers of one database.
fn of_two(first: &str, second: &str) -> String {
    let (server, database) = first.rsplit_once('/').unwrap();
    format!("{server},127.0.0.1:{}/{database}", port(second))
}

/// Opens as many connections as the pool has, and writes over each.
async fn write_over_all(pool: &Pool) {
    let mut connections = Vec::new();
    for _ in 0..3 {
        connections.push(pool.get().await.unwrap());
    }
    for connection in &mut connections {
        write(connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_first_server_that_is_silent_keeps_nobody_from_the_second() {
    let database = Database::migrated().await;
    // Takes connections, and answers nothing.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let first =
        database.url().replace(port(database.url()), &silent.local_addr().unwrap().port().to_string());
    let url = of_two(&first, database.url());
    write_over_all(&database::pool(&url, 3).unwrap()).await;
    write(&mut database::connect_for_locks(&url).await.unwrap()).await.unwrap();
    write(&mut database::connect_unbounded(&url).await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn of_several_servers_the_one_that_takes_writes_is_used() {
    let scratch = Scratch::new("hosts").unwrap();
    let (database, standby) = with_synchronous_standby(scratch.path()).await;
    for url in [of_two(standby.url(), database.url()), of_two(database.url(), standby.url())] {
        write_over_all(&database::pool(&url, 3).unwrap()).await;
        write(&mut database::connect_for_locks(&url).await.unwrap()).await.unwrap();
        write(&mut database::connect_unbounded(&url).await.unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_single_standby_may_still_be_read() {
    let scratch = Scratch::new("single").unwrap();
    let (_database, standby) = with_synchronous_standby(scratch.path()).await;
    let pool = database::pool(standby.url(), 1).unwrap();
    assert!(backend(&mut pool.get().await.unwrap()).await.is_standby);
}

#[tokio::test]
async fn a_connection_to_a_server_that_was_replaced_is_cut_though_the_server_says_nothing() {
    let scratch = Scratch::new("replaced").unwrap();
    let (database, standby) = with_synchronous_standby(scratch.path()).await;
    let pool = database::pool(&database.url_with(&standby), 2).unwrap();
    let mut held = pool.get().await.unwrap();
    assert_eq!(backend(&mut held).await.port.to_string(), port(database.url()));
    let _frozen = database.freeze_whole_server().await;
    let waiting = async {
        let answer = sql_query("SELECT 1").execute(&mut held).await;
        assert!(answer.is_err(), "a frozen server answers nothing");
    };
    let promoted = standby.promote();
    tokio::time::timeout(DEADLINE, async { tokio::join!(waiting, promoted) }).await.expect("it is cut");
    drop(held);
    for _ in 0..3 {
        let backend = backend(&mut pool.get().await.unwrap()).await;
        assert_eq!((backend.port.to_string().as_str(), backend.is_standby), (port(standby.url()), false));
    }
}

#[tokio::test]
async fn a_connection_over_which_writes_are_refused_is_given_up() {
    let database = Database::migrated().await;
    let pool = database::pool(database.url(), 1).unwrap();
    let mut connection = pool.get().await.unwrap();
    let before = backend(&mut connection).await.pid;
    // As a server is that was demoted, behind an address that stayed the same.
    connection.batch_execute("SET default_transaction_read_only = on").await.unwrap();
    assert!(write(&mut connection).await.is_err());
    wait_until("the connection ends", DEADLINE, async || backend_or_end(&mut connection).await).await;
    drop(connection);
    let mut connection = pool.get().await.unwrap();
    write(&mut connection).await.unwrap();
    assert_ne!(backend(&mut connection).await.pid, before);
}

#[tokio::test]
async fn a_connection_that_ended_while_nobody_used_it_is_not_handed_out() {
    let database = Database::migrated().await;
    let pool = database::pool(database.url(), 1).unwrap();
    let pid = backend(&mut pool.get().await.unwrap()).await.pid;
    let other = database.connect().await;
    other.query_one("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    wait_until("the session ends", DEADLINE, async || {
        let row = other.query_opt("SELECT 1 FROM pg_stat_activity WHERE pid = $1", &[&pid]).await.unwrap();
        row.is_none().then_some(())
    })
    .await;
    // The farewell was sent before; let the pool's side read it.
    tokio::task::yield_now().await;
    assert_ne!(backend(&mut pool.get().await.unwrap()).await.pid, pid);
}

/// Something once the connection has ended.
async fn backend_or_end(connection: &mut AsyncPgConnection) -> Option<()> {
    sql_query("SELECT 1").execute(connection).await.is_err().then_some(())
}
