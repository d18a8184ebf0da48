//! `make chaos`: faults at random under load, with a verdict. Exit 0 passed, 1 failed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use pollster_chaos::nemesis::Fault;
use pollster_chaos::random::Random;
use pollster_chaos::settings::Settings;
use pollster_chaos::topology::Topology;
use pollster_stack::StackError;
use tokio::signal::unix::{SignalKind, signal};

/// Hurts a whole Pollster under load, at random, and judges whether a vote was lost or counted twice.
#[derive(Debug, Parser)]
struct Arguments {
    /// The same seed plans the same faults; any, if none is given
    #[arg(long)]
    seed: Option<u64>,
    /// What the servers are
    #[arg(long, value_enum, default_value_t)]
    topology: Topology,
    /// Replicas of Redis that must hold a vote before it is answered, where there are replicas
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(..=1))]
    min_replicas: u32,
    /// How long faults are inflicted, in minutes
    #[arg(long, default_value = "2", value_parser = minutes)]
    minutes: Duration,
    /// The faults to choose from; all of the topology, if none is given
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(fault_names()))]
    only: Vec<String>,
}

/// Those of any topology.
fn fault_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for fault in
        Topology::ALL.into_iter().flat_map(|topology| Fault::of_each_kind(topology, &mut Random::new(0)))
    {
        if !names.contains(&fault.name()) {
            names.push(fault.name());
        }
    }
    names
}

fn minutes(text: &str) -> Result<Duration, String> {
    let minutes: f64 = text.parse().map_err(|_| "a number of minutes is needed".to_owned())?;
    let longest = 24.0 * 60.0;
    if minutes > 0.0 && minutes <= longest {
        Ok(Duration::from_secs_f64(minutes * 60.0))
    } else {
        Err(format!("more than 0 and at most {longest} minutes"))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match judge(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn judge(arguments: Arguments) -> Result<bool, StackError> {
    let seed = arguments.seed.unwrap_or_else(any_seed);
    let Arguments { topology, minutes: length, only, .. } = arguments;
    if topology.is_missing() {
        return Err(StackError::NotInstalled { program: "pgbouncer" });
    }
    let min_replicas = if topology.has_replicas() { arguments.min_replicas } else { 0 };
    let settings =
        Settings { seed, topology, min_replicas, length, only, planted: None, logs: log_folder(topology)? };
    println!("{}; the programs log into {}", variables(&settings), settings.logs.display());
    let verdict = tokio::select! {
        verdict = pollster_chaos::run(&settings) => verdict,
        // With the run go its programs, servers and disks.
        () = interrupted() => return Err(StackError::Interrupted),
    };
    println!("{verdict}");
    if !verdict.passed() {
        println!("again: make chaos {}", variables(&settings));
    }
    Ok(verdict.passed())
}

/// Ctrl-C, or what make passes on.
async fn interrupted() {
    let mut terminate = signal(SignalKind::terminate()).expect("a handler is set");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// What has make run the same again.
fn variables(settings: &Settings) -> String {
    let Settings { seed, topology, min_replicas, only, .. } = settings;
    let mut words = vec![format!("TOPOLOGY={}", topology.name())];
    if topology.has_replicas() {
        words.push(format!("REDIS_MIN_REPLICAS={min_replicas}"));
    }
    words.extend([format!("SEED={seed}"), format!("MINUTES={}", minutes_of(settings))]);
    if !only.is_empty() {
        words.push(format!("FAULTS={}", only.join(",")));
    }
    words.join(" ")
}

fn minutes_of(settings: &Settings) -> f64 {
    settings.length.as_secs_f64() / 60.0
}

/// Short enough to be typed.
fn any_seed() -> u64 {
    Random::new(uuid::Uuid::new_v4().as_u64_pair().0).below(1_000_000)
}

/// An empty folder beside what was built: one a topology, so that two may run at once.
fn log_folder(topology: Topology) -> Result<PathBuf, StackError> {
    let program = std::env::current_exe().map_err(StackError::io("finding the current program"))?;
    let folder = program.with_file_name("chaos-logs").join(topology.name());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(StackError::io("emptying the folder for logs"))?;
    }
    std::fs::create_dir_all(&folder).map_err(StackError::io("making the folder for logs"))?;
    Ok(folder)
}
