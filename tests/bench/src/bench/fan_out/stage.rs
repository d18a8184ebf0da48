//! What a measurement stands on: a gateway of its own, whose memory tells of nothing else, and a poll.

use indicatif::ProgressBar;
use uuid::Uuid;

use super::crowd::Audience;
use super::error::FanOutError;
use super::marks;
use crate::bench::servers::{Gateway, Servers};
use crate::bench::{memory, polls};
use crate::client::{Client, PollView, Server};
use crate::replay::wait_until_counted;

/// All viewers come from one address here.
const ENV: &[(&str, &str)] = &[("MAX_CONNECTIONS_PER_ADDRESS", "20000")];
/// How many of an audience connect at a time, unless it is a wave.
const AT_ONCE: usize = 128;

/// A gateway and a poll.
pub(in crate::bench) struct Stage {
    pub(in crate::bench) gateway: Gateway,
    pub(in crate::bench) poll: PollView,
    client: Client,
}

impl Stage {
    /// With a poll of four choices.
    pub(in crate::bench) async fn plain(servers: &Servers) -> Result<Self, FanOutError> {
        let (gateway, mut client) = open(servers)?;
        let poll = polls::create(&mut client).await?;
        Ok(Self { gateway, poll, client })
    }

    /// With a poll of marked choices.
    pub(super) async fn marked(servers: &Servers) -> Result<Self, FanOutError> {
        let (gateway, mut client) = open(servers)?;
        let poll = marks::create_poll(&mut client).await?;
        Ok(Self { gateway, poll, client })
    }

    /// So many viewers of the poll.
    pub(super) fn audience(&self, viewers: usize, marks: Vec<Uuid>) -> Audience {
        let (poll_id, gateway) = (self.poll.poll_id, self.gateway.address);
        Audience { viewers, poll_id, gateway, refuge: None, marks, at_once: AT_ONCE }
    }

    /// Waits until the results hold so many votes, stand still, and hold no more; their version.
    pub(in crate::bench) async fn newest(&mut self, accepted: u64) -> Result<u64, FanOutError> {
        let poll = self.poll.poll_id.to_string();
        let counted = wait_until_counted(&mut self.client, &poll, accepted, &ProgressBar::hidden()).await;
        let (shown, newest) =
            counted.map_or((0, 0), |counted| (counted.results.total_votes, counted.results.version));
        if shown == accepted {
            return Ok(newest);
        }
        Err(FanOutError::WrongCounts { accepted, shown, version: newest, newest })
    }

    /// Memory of the gateway, in KB.
    pub(super) fn memory_kb(&self) -> Result<u64, FanOutError> {
        Ok(memory::resident_kb(self.gateway.program.pid())?)
    }
}

fn open(servers: &Servers) -> Result<(Gateway, Client), FanOutError> {
    let gateway = start_gateway(servers)?;
    let client = Client::new(Server::from(gateway.address));
    Ok((gateway, client))
}

/// Starts a gateway that takes every viewer.
pub(super) fn start_gateway(servers: &Servers) -> Result<Gateway, FanOutError> {
    Ok(servers.start_gateway(ENV)?)
}

/// Of each vote, by its number, the place of its choice in a poll of four.
pub(super) fn any_choice(vote: usize) -> usize {
    vote % 4
}
