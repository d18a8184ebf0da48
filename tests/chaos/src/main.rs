//! `make chaos`: faults at random under load, with a verdict. Exit 0 passed, 1 failed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use pollster_chaos::nemesis::Fault;
use pollster_chaos::random::Random;
use pollster_chaos::settings::Settings;
use pollster_stack::StackError;
use tokio::signal::unix::{SignalKind, signal};

/// Hurts a whole Pollster under load, at random, and judges whether a vote was lost or counted twice.
#[derive(Debug, Parser)]
struct Arguments {
    /// The same seed plans the same faults; any, if none is given
    #[arg(long)]
    seed: Option<u64>,
    /// How long faults are inflicted, in minutes
    #[arg(long, default_value = "2", value_parser = minutes)]
    minutes: Duration,
    /// The faults to choose from; all, if none is given
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(fault_names()))]
    only: Vec<String>,
}

fn fault_names() -> Vec<&'static str> {
    Fault::one_of_each(&mut Random::new(0)).into_iter().map(Fault::name).collect()
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
    let (length, only) = (arguments.minutes, arguments.only);
    let settings = Settings { seed, length, only, planted: None, logs: log_folder()? };
    println!(
        "seed {seed}, {:.1} minutes; the programs log into {}",
        minutes_of(&settings),
        settings.logs.display()
    );
    let verdict = tokio::select! {
        verdict = pollster_chaos::run(&settings) => verdict,
        // With the run go its programs, servers and disks.
        () = interrupted() => return Err(StackError::Interrupted),
    };
    println!("{verdict}");
    if !verdict.passed() {
        println!("again: make chaos SEED={seed} MINUTES={}", minutes_of(&settings));
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

fn minutes_of(settings: &Settings) -> f64 {
    settings.length.as_secs_f64() / 60.0
}

/// Short enough to be typed.
fn any_seed() -> u64 {
    Random::new(uuid::Uuid::new_v4().as_u64_pair().0).below(1_000_000)
}

/// An empty folder beside what was built.
fn log_folder() -> Result<PathBuf, StackError> {
    let program = std::env::current_exe().map_err(StackError::io("finding the current program"))?;
    let folder = program.with_file_name("chaos-logs");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(StackError::io("emptying the folder for logs"))?;
    }
    std::fs::create_dir_all(&folder).map_err(StackError::io("making the folder for logs"))?;
    Ok(folder)
}
