//! Votes while invalid logins arrive, beside votes without them just before and after: hashing passwords is
//! dear, and a flood of logins is not to keep anybody from voting.

mod accounts;
mod answers;
mod flood;

use std::time::{Duration, Instant};

use hyper::StatusCode;

use super::polls;
use super::report::{LoginFlood, Phase};
use super::run::Error;
use super::servers::{Gateway, Servers};
use super::votes::Load;
use super::wait::{sleep, unless_interrupted};
use crate::client::{Client, ClientError, Server, metric};

pub(super) use answers::Answers;
pub(super) use flood::{CONNECTIONS, Senders};

use flood::Flood;

/// How long to vote before anything is measured.
const WARMUP: Duration = Duration::from_secs(1);
/// How long votes alone are measured, before and after each flood.
const QUIET: Duration = Duration::from_secs(4);
/// Of the gateway: passwords hashed.
const HASHES: &str = "pollster_password_hashes_total";

/// Measures votes in one hot poll, over so many connections, beside each kind of flood. The gateway must
/// believe what a proxy on this machine says.
pub(super) async fn measure(
    connections: usize,
    servers: &Servers,
    gateway: &Gateway,
) -> Result<Vec<LoginFlood>, Error> {
    accounts::insert(&servers.database_url()).await?;
    let server = Server::from(gateway.address);
    let mut client = Client::connect(&server).await?;
    let poll = polls::create(&mut client).await?;
    let load = Load::new(server, &poll);
    let watch = async {
        let floods = measure_floods(&load, gateway).await;
        load.stop();
        floods
    };
    let ((), floods) = tokio::join!(load.drive(connections), watch);
    let floods = floods?;
    polls::wait_for_counts(&mut client, &poll, &load).await?;
    Ok(floods)
}

async fn measure_floods(load: &Load, gateway: &Gateway) -> Result<Vec<LoginFlood>, Error> {
    eprintln!("Voting, with and without floods of invalid logins ...");
    sleep(WARMUP).await?;
    let mut before = quiet(load).await?;
    let mut floods = Vec::new();
    for senders in [Senders::OneAddress, Senders::ManyAddresses] {
        let hashed_before = hashes(gateway).await?;
        let (during, logins) = flooded(load, gateway, senders).await?;
        let hashed = hashes(gateway).await? - hashed_before;
        let after = quiet(load).await?;
        floods.push(LoginFlood::new(senders, logins, hashed, [before, during, after.clone()]));
        before = after;
    }
    Ok(floods)
}

/// Votes alone.
async fn quiet(load: &Load) -> Result<Phase, Error> {
    let start = Instant::now();
    load.start_measuring();
    sleep(QUIET).await?;
    Ok(Phase::of(load.stop_measuring(), start.elapsed()))
}

/// Votes while logins are sent. The last answers to these are awaited, but no longer measured beside.
async fn flooded(load: &Load, gateway: &Gateway, senders: Senders) -> Result<(Phase, Answers), Error> {
    let start = Instant::now();
    load.start_measuring();
    let mut flood = Flood::start(Server::from(gateway.address), senders)?;
    unless_interrupted(flood.sent()).await??;
    let during = Phase::of(load.stop_measuring(), start.elapsed());
    Ok((during, unless_interrupted(flood.answers()).await??))
}

/// Passwords that the gateway has hashed so far.
async fn hashes(gateway: &Gateway) -> Result<u64, ClientError> {
    let reply = Client::new(gateway.admin).get("/metrics").await?.expect(StatusCode::OK)?;
    Ok(metric(&reply.text(), HASHES) as u64)
}
