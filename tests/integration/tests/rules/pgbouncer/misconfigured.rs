//! What is set wrongly ends a program at its start, with a message that says what to change.

use pollster_integration::{DEADLINE, Database, PgBouncerServer, Scratch, Service, Spec, wait_until};
use pollster_stack::PgBouncer;

use crate::configuration::{GATEWAY, run, said, with};

const AGGREGATOR: (&str, &[&str]) = ("pollster-aggregator", &[]);
const BACKGROUND: (&str, &[&str]) = ("pollster-background", &["run"]);
const MIGRATE: (&str, &[&str]) = ("pollster-background", &["migrate"]);
/// What a program says that may share sessions and does not know it.
const SHARE: &str = "Set DATABASE_POOLING=transaction";

/// Runs a program that must refuse to start because of `variable`; returns what it said.
async fn refused(program: (&'static str, &'static [&str]), env: &[(&str, &str)], variable: &str) -> String {
    let env: Vec<(String, String)> =
        env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let output = tokio::task::spawn_blocking(move || {
        let env: Vec<(&str, &str)> =
            env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        run(program, &[], &env)
    });
    let output = output.await.unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(64), "{}: {said}", program.0);
    assert!(said.contains(&format!("error: {variable}: ")), "{}: {said}", program.0);
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_a_pooler_for_postgresql_is_told_to_share_sessions() {
    if PgBouncer::is_missing() {
        return;
    }
    let scratch = Scratch::new("sessions").unwrap();
    let database = Database::migrated().await;
    // Even where the sessions are bounded as they would be.
    database.bound_sessions().await;
    for drops_options in [false, true] {
        let folder = scratch.path().join(drops_options.to_string());
        let pgbouncer = PgBouncerServer::start(&folder, &database, |pooler| {
            pooler.drops_options = drops_options;
        })
        .await;
        for program in [GATEWAY, AGGREGATOR, BACKGROUND, MIGRATE] {
            let env = with("DATABASE_URL", pgbouncer.url());
            assert!(refused(program, &env, "DATABASE_URL").await.contains(SHARE));
        }
        let mut env = with("DATABASE_URL", database.url());
        env.push(("DATABASE_REPLICA_URL", pgbouncer.url()));
        assert!(refused(GATEWAY, &env, "DATABASE_REPLICA_URL").await.contains(SHARE));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shares_unbounded_sessions_is_told_the_statements_that_bound_them() {
    if PgBouncer::is_missing() {
        return;
    }
    let scratch = Scratch::new("bounds").unwrap();
    let database = Database::on_own_server(scratch.path()).await;
    let own = database.connect().await;
    own.batch_execute("ALTER ROLE pollster SET lock_timeout = '2s'").await.unwrap();
    let pgbouncer = PgBouncerServer::start(scratch.path(), &database, |_| {}).await;
    let mut env = with("DATABASE_URL", pgbouncer.url());
    env.push(("DATABASE_POOLING", "transaction"));
    for program in [GATEWAY, AGGREGATOR] {
        let said = refused(program, &env, "DATABASE_URL").await;
        assert!(!said.contains("lock_timeout"), "{said}");
        let (_, statements) = said.split_once("run ALTER").unwrap();
        let (statements, _) = statements.split_once(" and then RECONNECT").unwrap();
        assert_eq!(
            format!("ALTER{statements}"),
            "ALTER ROLE pollster SET idle_in_transaction_session_timeout = '3s'; \
             ALTER ROLE pollster SET statement_timeout = '8s';"
        );
        // Beyond ours is as good as none.
        own.batch_execute("ALTER ROLE pollster SET statement_timeout = '9s'").await.unwrap();
        pgbouncer.restart().await;
    }
    own.batch_execute(
        "ALTER ROLE pollster SET idle_in_transaction_session_timeout = '3s'; \
         ALTER ROLE pollster SET statement_timeout = '8s';",
    )
    .await
    .unwrap();
    pgbouncer.restart().await;
    let gateway = Service::start(gateway(&env, &scratch)).await;
    assert!(gateway.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_needs_sessions_says_so() {
    for program in [BACKGROUND, MIGRATE] {
        let said = refused(program, &with("DATABASE_POOLING", "transaction"), "DATABASE_POOLING").await;
        assert!(said.contains("a DATABASE_URL of PostgreSQL itself"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_a_folder_is_refused() {
    let mut env = with("DATABASE_URL", "postgres:///pollster?host=/run/nowhere");
    env.push(("DATABASE_POOLING", "transaction"));
    assert!(refused(GATEWAY, &env, "DATABASE_URL").await.contains("named by its address"));
}

#[tokio::test(flavor = "multi_thread")]
async fn options_in_the_url_of_a_pooler_are_refused() {
    if PgBouncer::is_missing() {
        return;
    }
    let scratch = Scratch::new("options").unwrap();
    let database = Database::migrated().await;
    let pgbouncer = PgBouncerServer::start(scratch.path(), &database, |_| {}).await;
    let url = format!("{}?options=-cstatement_timeout%3D8s", pgbouncer.url());
    let mut env = with("DATABASE_URL", &url);
    env.push(("DATABASE_POOLING", "transaction"));
    assert!(refused(AGGREGATOR, &env, "DATABASE_URL").await.contains("take them out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_started_without_its_pooler_looks_at_it_later() {
    if PgBouncer::is_missing() {
        return;
    }
    let scratch = Scratch::new("later").unwrap();
    let database = Database::migrated().await;
    let pgbouncer = PgBouncerServer::start(scratch.path(), &database, |_| {}).await;
    // It takes connections, and says nothing.
    pgbouncer.freeze().await;
    let gateway = Service::unstarted(gateway(&with("DATABASE_URL", pgbouncer.url()), &scratch));
    gateway.spawn().await;
    wait_until("the gateway runs", DEADLINE, async || {
        gateway.log().contains("gateway started").then_some(())
    })
    .await;
    pgbouncer.thaw().await;
    assert_eq!(gateway.ended().await.code(), Some(64));
    assert!(gateway.log().contains(SHARE), "{}", gateway.log());
}

fn gateway(env: &[(&str, &str)], scratch: &Scratch) -> Spec {
    let is_address = |name: &str| name == "LISTEN" || name == "ADMIN_LISTEN";
    let env = env.iter().filter(|(name, _)| !is_address(name));
    Spec {
        program: GATEWAY.0,
        args: &[],
        listens: true,
        env: env.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        log: scratch.path().join("gateway.log"),
    }
}
