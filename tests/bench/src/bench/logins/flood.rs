//! The flood: a closed loop of invalid logins, in a thread of its own. In the votes', each would wait for the
//! others' turn there, and that would be measured.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper::Method;
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::accounts::login;
use super::answers::Answers;
use crate::bench::run::Error;
use crate::client::{Client, Server};

/// Logins of a flood.
const LOGINS: u32 = 10_000;
/// Logins under way at a time: more than the gateway lets wait for their hash, so that it must refuse some.
pub(in crate::bench) const CONNECTIONS: usize = 64;
/// No login is sent any more after this time.
const LONGEST: Duration = Duration::from_secs(10);
/// How long the last answers are awaited.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first of the addresses set aside for benchmarks (RFC 2544), more than a flood has logins.
const FIRST_ADDRESS: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);

/// Where logins come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Senders {
    /// All from one: its limit is to stop them.
    OneAddress,
    /// Each from another, so that no limit does.
    ManyAddresses,
}

/// A flood under way.
#[derive(Debug)]
pub(super) struct Flood {
    sent: oneshot::Receiver<()>,
    answers: oneshot::Receiver<Answers>,
}

impl Flood {
    /// Starts sending.
    pub(super) fn start(server: Server, senders: Senders) -> io::Result<Self> {
        let (when_sent, sent) = oneshot::channel();
        let (when_answered, answers) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("logins".to_owned()).spawn(move || {
            let answers = runtime.block_on(send(Logins::new(server, senders), when_sent));
            // Nobody waits for them after Ctrl-C.
            let _ = when_answered.send(answers);
        })?;
        Ok(Self { sent, answers })
    }

    /// Waits until the last login is sent.
    pub(super) async fn sent(&mut self) -> Result<(), Error> {
        (&mut self.sent).await.map_err(|_| Error::Flood)
    }

    /// Waits until all are answered, or will not be.
    pub(super) async fn answers(self) -> Result<Answers, Error> {
        self.answers.await.map_err(|_| Error::Flood)
    }
}

/// What the connections share.
struct Logins {
    server: Server,
    senders: Senders,
    /// Numbers of logins that are not sent yet.
    left: RefCell<std::ops::Range<u32>>,
    answers: Cell<Answers>,
}

async fn send(logins: Logins, when_sent: oneshot::Sender<()>) -> Answers {
    let mut connections: FuturesUnordered<_> = (0..CONNECTIONS).map(|_| logins.send_on()).collect();
    // The first that ends has found none left.
    let _ = timeout(LONGEST, connections.next()).await;
    logins.stop();
    let _ = when_sent.send(());
    let _ = timeout(PATIENCE, connections.collect::<()>()).await;
    logins.answers.get()
}

impl Logins {
    fn new(server: Server, senders: Senders) -> Self {
        Self { server, senders, left: RefCell::new(0..LOGINS), answers: Cell::default() }
    }

    /// The next login's number.
    fn next(&self) -> Option<u32> {
        let number = self.left.borrow_mut().next()?;
        self.count(|answers| answers.sent += 1);
        Some(number)
    }

    fn stop(&self) {
        self.left.replace(0..0);
    }

    fn count(&self, change: impl FnOnce(&mut Answers)) {
        let mut answers = self.answers.get();
        change(&mut answers);
        self.answers.set(answers);
    }

    /// Sends one after the other over a connection.
    async fn send_on(&self) {
        let mut client = Client::new(&self.server);
        while let Some(number) = self.next() {
            let address = address_of(self.senders, number);
            let forwarded = address.as_deref().map(|address| ("x-forwarded-for", address));
            let headers: Vec<_> =
                [("content-type", "application/json")].into_iter().chain(forwarded).collect();
            let reply = client.request(Method::POST, "/api/v1/sessions", &headers, login(number)).await;
            self.count(|answers| answers.note(reply.ok().map(|reply| reply.status)));
        }
    }
}

/// The address that a proxy names as a login's, where there is one.
fn address_of(senders: Senders, number: u32) -> Option<String> {
    let of_its_own = || Ipv4Addr::from_bits(FIRST_ADDRESS.to_bits() + number).to_string();
    (senders == Senders::ManyAddresses).then(of_its_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_login_of_many_addresses_has_its_own() {
        assert_eq!(address_of(Senders::OneAddress, 7), None);
        assert_eq!(address_of(Senders::ManyAddresses, 0).as_deref(), Some("198.18.0.0"));
        assert_eq!(address_of(Senders::ManyAddresses, LOGINS - 1).as_deref(), Some("198.18.39.15"));
    }
}
