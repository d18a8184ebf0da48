//! Votes past Redis: a closed loop of votes in one hot poll while Redis is gone and the gateway commits them to
//! PostgreSQL itself, beside the same loop while it is there.

use std::time::Duration;

use super::polls;
use super::report::{DirectVotes, Phase};
use super::run::{Arguments, Error};
use super::servers::Servers;
use super::votes::{Load, vote_for};
use crate::client::{Client, Server};

/// Measures both at one gateway, each in a poll of its own, and compares the counts once Redis is back.
pub(super) async fn measure(arguments: &Arguments, servers: &mut Servers) -> Result<DirectVotes, Error> {
    eprintln!("Starting a gateway ...");
    let gateway = servers.start_gateway(&[])?;
    let server = Server::from(gateway.address);
    let mut client = Client::connect(&server).await?;
    let (queued, direct) = (polls::create(&mut client).await?, polls::create(&mut client).await?);

    eprintln!("Voting through Redis ...");
    let load = Load::new(server.clone(), &queued);
    let through_redis = vote(arguments, &load).await?;
    polls::wait_for_counts(&mut client, &queued, &load).await?;

    eprintln!("Voting while Redis is gone ...");
    servers.redis.kill()?;
    let load = Load::new(server, &direct).past_the_queue();
    let past_redis = vote(arguments, &load).await?;
    servers.redis.restart()?;
    polls::wait_for_counts(&mut client, &direct, &load).await?;
    Ok(DirectVotes {
        connections: usize::from(arguments.connections),
        through_redis,
        past_redis,
        counted: load.accepted(),
        last_failure: load.last_failure(),
    })
}

/// Votes for some time, the first part of which is not measured.
async fn vote(arguments: &Arguments, load: &Load) -> Result<Phase, Error> {
    let (warmup, length) = (Duration::from_secs(arguments.warmup), Duration::from_secs(arguments.seconds));
    Ok(vote_for(load, usize::from(arguments.connections), warmup, length).await?)
}
