//! One run: read, cast, wait, compare, say.

use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;

use super::{
    Ballots, BallotsError, CastError, Casting, Counted, Difference, Outcome, Target, TargetError, cast,
    differences, order, progress, wait_until_counted,
};
use crate::client::{Client, ClientError, ResultsView, Server};

/// Casts the ballots of a file, each as a voter of its own, and compares the poll's counts with the file's.
#[derive(Debug, Parser)]
#[command(name = "pollster-replay", version)]
pub struct Arguments {
    /// CSV file of ballots, gzipped or plain: a header, then a line a ballot, its first choice first
    pub file: PathBuf,
    /// Where the gateway is
    #[arg(long, env = "PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// What the voters and the order of their votes are derived from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many votes are under way at a time
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    pub connections: u16,
    /// Cast only so many ballots of the shuffled file
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Cast the ballots in this poll of an earlier run: with the same seed, nothing changes
    #[arg(long)]
    pub poll: Option<String>,
}

/// Why a run could not come to a verdict.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file.
    #[error(transparent)]
    Ballots(#[from] BallotsError),
    /// The gateway.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The poll.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The votes.
    #[error("{0}; the votes cast so far stay, and can be completed: {1}")]
    Cast(CastError, String),
    /// The results.
    #[error("the results of poll {0} could not be read for a minute; is the gateway running?")]
    NoResults(String),
}

/// Runs it and prints what came of it; true where every ballot is accepted, counted and as in the file.
///
/// # Errors
/// [`Error`].
pub async fn run(arguments: &Arguments) -> Result<bool, Error> {
    let ballots = Ballots::read(&arguments.file)?;
    let server = Server::from_url(&arguments.url).await?;
    let mut client = Client::connect(&server).await?;
    let mut order = order(arguments.seed, ballots.first.len());
    order.truncate(arguments.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)));

    let target = find_or_create(arguments, &mut client, &ballots).await?;
    let poll = target.poll.poll_id.to_string();
    let before = client.results(&poll).await?;
    println!("Poll {poll}, {} choices: {}", ballots.choices.len(), target.poll.url);

    let connections = usize::from(arguments.connections);
    let casting = Casting {
        server: &server,
        target: &target,
        ballots: &ballots,
        order: &order,
        seed: arguments.seed,
        connections,
    };
    let outcome = cast_all(&casting).await.map_err(|error| Error::Cast(error, again(arguments, &poll)))?;
    let after = count_all(&mut client, &poll, arguments, outcome).await?;

    if arguments.poll.is_some() {
        say_what_changed(&before, &after);
    }
    println!("To cast the same votes again: {}", again(arguments, &poll));
    Ok(conclude(&ballots, &order, outcome, &after))
}

async fn find_or_create(
    arguments: &Arguments,
    client: &mut Client,
    ballots: &Ballots,
) -> Result<Target, TargetError> {
    match &arguments.poll {
        Some(poll) => Target::find(client, poll, &ballots.choices).await,
        None => {
            let name = arguments.file.file_name().unwrap_or_default().to_string_lossy();
            let title: String = format!("Replay of {name}").chars().take(200).collect();
            Target::create(client, &title, &ballots.choices).await
        }
    }
}

async fn cast_all(casting: &Casting<'_>) -> Result<Outcome, CastError> {
    let ballots = casting.order.len();
    let bar = progress::bar("cast", ballots as u64);
    let start = Instant::now();
    let outcome = cast(casting, &bar).await;
    bar.finish_and_clear();
    let outcome = outcome?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "Cast {ballots} ballots in {seconds:.1} s, {:.0} votes/s, over {} connections; {} sent again",
        ballots as f64 / seconds,
        casting.connections,
        outcome.sent_again,
    );
    Ok(outcome)
}

/// Waits for every voter to be counted; one who is refused in a poll of an earlier run is counted there.
async fn count_all(
    client: &mut Client,
    poll: &str,
    arguments: &Arguments,
    outcome: Outcome,
) -> Result<ResultsView, Error> {
    let earlier = if arguments.poll.is_some() { outcome.refused } else { 0 };
    let voters = outcome.accepted + earlier;
    let bar = progress::bar("counted", voters);
    let start = Instant::now();
    let counted = wait_until_counted(client, poll, voters, &bar).await;
    bar.finish_and_clear();
    let Counted { results, since } = counted.ok_or_else(|| Error::NoResults(poll.to_owned()))?;
    match voters.checked_sub(results.total_votes) {
        None | Some(0) => {
            println!("All counted {:.2} s after the last answer", (since - start).as_secs_f64());
        }
        Some(missing) => println!("Gave up waiting: {missing} votes are not counted"),
    }
    Ok(results)
}

fn say_what_changed(before: &ResultsView, after: &ResultsView) {
    if before == after {
        println!("Nothing changed: version {}, {} votes, before and after", after.version, after.total_votes);
    } else {
        println!(
            "Version {} with {} votes before, version {} with {} votes after",
            before.version, before.total_votes, after.version, after.total_votes
        );
    }
}

fn conclude(ballots: &Ballots, order: &[usize], outcome: Outcome, results: &ResultsView) -> bool {
    let differing = results
        .questions
        .first()
        .map_or_else(Vec::new, |question| differences(&ballots.choices, &ballots.count(order), question));
    say_differences(&differing);
    if outcome.refused > 0 {
        println!("{} refused: these voters had voted already", outcome.refused);
    }
    let (accepted, counted) = (outcome.accepted, results.total_votes);
    println!("{accepted} accepted, {counted} counted, {} differences", differing.len());
    differing.is_empty() && counted == order.len() as u64
}

fn say_differences(differing: &[Difference]) {
    for difference in differing {
        println!("  {difference}");
    }
}

/// The command that casts the same votes in the same poll.
fn again(arguments: &Arguments, poll: &str) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "pollster-replay".to_owned());
    let file = arguments.file.display();
    let limit = arguments.limit.map_or_else(String::new, |limit| format!(" --limit {limit}"));
    format!("{program} '{file}' --url {} --seed {}{limit} --poll {poll}", arguments.url, arguments.seed)
}
