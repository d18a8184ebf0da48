//! Starting the parts of the stack, and ending them, in order.

use std::time::Duration;

use pollster_stack::{
    Lifetime, Options, Postgres, Process, Program, Redis, Signal, StackError, find_program, until,
};

use crate::http;
use crate::paths::Paths;
use crate::say::say;
use crate::settings::Settings;

pub(crate) const REDIS: &str = "redis-server";
pub(crate) const POSTGRES: &str = "postgres";
pub(crate) const GATEWAY: &str = "pollster-gateway";
pub(crate) const AGGREGATOR: &str = "pollster-aggregator";
pub(crate) const BACKGROUND: &str = "pollster-background";
pub(crate) const DATABASE: &str = "pollster";

/// In the order of their end: no new votes first, then those who work on what was accepted, then what
/// they stand on.
const STAGES: [&[&str]; 3] = [&[GATEWAY], &[AGGREGATOR, BACKGROUND], &[REDIS, POSTGRES]];
const MIGRATE_DEADLINE: Duration = Duration::from_secs(120);
const READY_DEADLINE: Duration = Duration::from_secs(60);
/// A program's own drain may take 20 s.
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// Every part that runs from an earlier start.
pub(crate) fn running(paths: &Paths) -> Vec<Process> {
    STAGES.concat().into_iter().filter_map(|name| paths.running(name)).collect()
}

/// Whether all parts run.
pub(crate) fn all_run(paths: &Paths) -> bool {
    running(paths).len() == STAGES.concat().len()
}

/// Starts what does not run yet, pushing it to `processes` as it starts; returns when the gateway is ready.
pub(crate) fn start(
    paths: &Paths,
    lifetime: Lifetime,
    processes: &mut Vec<Process>,
) -> Result<Settings, StackError> {
    for program in [GATEWAY, AGGREGATOR, BACKGROUND] {
        find_program(program)?;
    }
    let mut settings = Settings::load(paths);
    let redis = start_redis(paths, lifetime, &settings)?;
    let postgres = start_postgres(paths, lifetime, &settings)?;
    let prepared = prepare(paths, &redis, &postgres, &mut settings);
    // Also after an error, so that whoever asked can end them in order.
    processes.extend([redis.into_process(), postgres.into_process()]);
    prepared?;
    for (program, args) in [(AGGREGATOR, &[][..]), (BACKGROUND, &["run"]), (GATEWAY, &[])] {
        processes.push(start_program(paths, lifetime, &settings, program, args)?);
    }
    wait_until_ready(&settings, paths, processes)?;
    Ok(settings)
}

fn start_redis(paths: &Paths, lifetime: Lifetime, settings: &Settings) -> Result<Redis, StackError> {
    let port = settings.port("REDIS_URL");
    let options = Options { lifetime, port, log: Some(paths.log("redis")) };
    if let (Some(process), Some(port)) = (paths.running(REDIS), port)
        && let Some(redis) = Redis::attach(&paths.redis(), process.pid(), port, options.clone())
    {
        return Ok(redis);
    }
    say("Starting Redis ...");
    let mut redis = Redis::start_with(&paths.redis(), options)?;
    paths.remember(redis.process())?;
    Ok(redis)
}

fn start_postgres(paths: &Paths, lifetime: Lifetime, settings: &Settings) -> Result<Postgres, StackError> {
    let port = settings.port("DATABASE_URL");
    let options = Options { lifetime, port, log: Some(paths.log("postgres")) };
    if paths.running(POSTGRES).is_some()
        && let Some(postgres) = Postgres::attach(&paths.postgres(), options.clone())?
    {
        return Ok(postgres);
    }
    say("Starting PostgreSQL ...");
    let mut postgres = Postgres::start_with(&paths.postgres(), options)?;
    paths.remember(postgres.process())?;
    Ok(postgres)
}

/// The variables and the database's schema.
fn prepare(
    paths: &Paths,
    redis: &Redis,
    postgres: &Postgres,
    settings: &mut Settings,
) -> Result<(), StackError> {
    settings.complete(paths, redis, postgres, |program| paths.running(program).is_some())?;
    settings.save(paths)?;
    if !postgres.has_database(DATABASE)? {
        postgres.create_database(DATABASE)?;
    }
    say("Migrating the database ...");
    let log = paths.log("migrate");
    Program::run_once(BACKGROUND, &["migrate"], &settings.of(BACKGROUND), &log, MIGRATE_DEADLINE)
}

fn start_program(
    paths: &Paths,
    lifetime: Lifetime,
    settings: &Settings,
    program: &str,
    args: &[&str],
) -> Result<Process, StackError> {
    if let Some(process) = paths.running(program) {
        return Ok(process);
    }
    say(format_args!("Starting {program} ..."));
    let env = settings.of(program);
    let process = Program::start_with(program, args, &env, &paths.log(program), lifetime)?.into_process();
    paths.remember(&process)?;
    Ok(process)
}

/// Waits for the gateway's word; any process that ends meanwhile is the error.
pub(crate) fn wait_until_ready(
    settings: &Settings,
    paths: &Paths,
    processes: &mut [Process],
) -> Result<(), StackError> {
    until("GET /readyz = 200", READY_DEADLINE, &paths.log(GATEWAY), || {
        for process in processes.iter_mut() {
            if let Some(error) = process.unexpected_end()? {
                return Err(error);
            }
        }
        Ok(is_ready(settings).then_some(()))
    })
}

/// Whether the gateway takes votes.
pub(crate) fn is_ready(settings: &Settings) -> bool {
    let address = http::local_address(settings.get("LISTEN").unwrap_or_default());
    http::get(&address, "/readyz").is_ok_and(|answer| answer.status == 200)
}

/// Ends the processes stage by stage; those that don't obey in time are killed, and named.
pub(crate) fn stop(paths: &Paths, processes: &mut Vec<Process>) {
    for stage in STAGES {
        let mut members: Vec<Process> =
            processes.extract_if(.., |process| stage.contains(&process.name())).collect();
        for process in &mut members {
            let _ = process.signal(stop_signal(process.name()));
        }
        for process in &mut members {
            if let Err(error) = process.terminate(stop_signal(process.name()), STOP_DEADLINE) {
                say(format_args!("Killed {}: {error}", process.name()));
            }
            paths.forget(process.name());
        }
    }
}

/// PostgreSQL's TERM waits for its clients; INT disconnects them.
fn stop_signal(program: &str) -> Signal {
    if program == POSTGRES { Signal::INT } else { Signal::TERM }
}
