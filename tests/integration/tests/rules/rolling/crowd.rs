//! People who vote on and on, in every way there is, and who take no failure.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::Method;
use pollster_bench::client::ClientError;
use pollster_integration::{Client, DEADLINE, PollView, token, wait_until};
use pollster_shared::shutdown::Shutdown;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::followers::{self, Sightings};
use super::sockets;

/// Between two requests of somebody who is quick, and of somebody whose connection is mostly idle.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(700)];

/// What the crowd has done and met so far.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// The choice of each vote that was accepted.
    votes: Mutex<Vec<usize>>,
    /// The choice that each voter who changes has now.
    changing: Mutex<Vec<usize>>,
    /// Connections that were refused, whose requests went elsewhere.
    pub(super) refused: AtomicU64,
    /// Votes over sockets that were sent again, since the socket was closed before they were answered.
    pub(super) sent_again: AtomicU64,
    /// What sockets were closed with.
    pub(super) codes: Mutex<Vec<Option<u16>>>,
    /// What the followers saw.
    pub(super) sightings: Mutex<Vec<Sightings>>,
}

impl Met {
    pub(super) fn voted(&self, choice: usize) {
        self.votes.lock().unwrap().push(choice);
    }

    pub(super) fn was_closed(&self, code: Option<u16>) {
        self.codes.lock().unwrap().push(code);
    }
}

/// What the crowd uses.
#[derive(Debug, Clone)]
pub(super) struct World {
    /// The proxy before all gateways.
    pub(super) proxy: SocketAddr,
    /// The gateways themselves.
    pub(super) gateways: Vec<SocketAddr>,
    /// What is voted on once.
    pub(super) poll: PollView,
    /// What votes may be changed on.
    pub(super) changeable: PollView,
}

/// The crowd.
pub(super) struct Crowd {
    pub(super) met: Arc<Met>,
    end: Shutdown,
    members: JoinSet<()>,
}

impl Crowd {
    /// Lets two of each kind begin: one quick, one slow.
    pub(super) fn gather(world: &World) -> Self {
        let (met, end, mut members) = (Arc::<Met>::default(), Shutdown::new(), JoinSet::new());
        for pause in PAUSES {
            let member = Member { world: world.clone(), met: met.clone(), pause, end: end.clone() };
            members.spawn(member.clone().votes(vec![world.proxy]));
            members.spawn(member.clone().votes(world.gateways.clone()));
            members.spawn(member.clone().changes());
            members.spawn(sockets::votes(member.clone(), vec![world.proxy]));
            members.spawn(sockets::votes(member.clone(), world.gateways.clone()));
            members.spawn(followers::follows(member.clone(), vec![world.proxy]));
            members.spawn(followers::follows(member, world.gateways.clone()));
        }
        Self { met, end, members }
    }

    /// The number of votes accepted so far, without changes.
    pub(super) fn votes(&self) -> usize {
        self.met.votes.lock().unwrap().len()
    }

    /// Waits for `more` votes to be accepted from now on.
    pub(super) async fn goes_on(&self, more: usize) {
        let enough = self.votes() + more;
        wait_until("the crowd votes on", DEADLINE, async || (self.votes() >= enough).then_some(())).await;
    }

    /// Lets everybody finish, and fails if anybody failed. Returns the votes by choice, those of changing voters too.
    pub(super) async fn ends(mut self) -> (Arc<Met>, [Vec<i64>; 2]) {
        self.end.cancel();
        while let Some(member) = self.members.join_next().await {
            member.unwrap();
        }
        let by_choice = |votes: &Mutex<Vec<usize>>| {
            let votes = votes.lock().unwrap();
            (0..2).map(|choice| votes.iter().filter(|&&vote| vote == choice).count() as i64).collect()
        };
        let counts = [by_choice(&self.met.votes), by_choice(&self.met.changing)];
        (self.met, counts)
    }
}

/// One of the crowd.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) world: World,
    pub(super) met: Arc<Met>,
    pub(super) pause: Duration,
    pub(super) end: Shutdown,
}

impl Member {
    /// Votes, as somebody else each time, over one connection as long as it holds. Where none is made another of
    /// `servers` is asked; any other failure is one too many.
    async fn votes(self, mut servers: Vec<SocketAddr>) {
        let Self { world, met, pause, end } = self;
        let mut client = Client::new(servers[0]);
        for vote in 0.. {
            let (path, voter, choice) = (world.poll.votes_path(), token(), vote % 2);
            let reply = loop {
                match client.vote(&path, &voter, "key", world.poll.ballot(0, choice)).await {
                    Err(ClientError::Connect { .. }) if servers.len() > 1 => {
                        met.refused.fetch_add(1, Ordering::Relaxed);
                        servers.rotate_left(1);
                        client = Client::new(servers[0]);
                        sleep(Duration::from_millis(10)).await;
                    }
                    answered => break answered.expect("a request that was sent is answered"),
                }
            };
            assert_eq!(reply.status, 202, "{}", reply.text());
            met.voted(choice);
            if end.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// Votes once, and changes that over and over, through the proxy; nothing of it can be sent again.
    async fn changes(self) {
        let Self { world, met, pause, end } = self;
        let (mut client, voter) = (Client::new(world.proxy), token());
        let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
        let path = world.changeable.votes_path().to_string();
        for change in 0.. {
            let method = if change == 0 { Method::POST } else { Method::PUT };
            let choice = change % 2;
            let reply = client.request(method, &path, &headers, world.changeable.ballot(0, choice)).await;
            let reply = reply.expect("a change is answered");
            assert_eq!(reply.status, 202, "{}", reply.text());
            if end.run_until_cancelled(sleep(pause)).await.is_none() {
                met.changing.lock().unwrap().push(choice);
                return;
            }
        }
    }
}
