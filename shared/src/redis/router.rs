//! Leads commands to the server that has their keys, and finds it again when it is replaced.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::{ErrorKind, RedisError, RedisResult};

use super::link::Link;
use super::server::Server;
use super::slots::{Address, Slots};
use super::topology;

/// How old what Sentinels said may be before they are asked again, beside the commands: a primary that was replaced
/// while it was cut off from them goes on as if nothing were.
const SENTINELS_SAID: Duration = Duration::from_secs(1);

type Asking = Shared<BoxFuture<'static, RedisResult<Slots>>>;

/// The links to the servers of a URL. Cheap to clone; clones share them.
#[derive(Clone)]
pub(super) struct Router(Arc<Inner>);

struct Inner {
    server: Server,
    state: RwLock<State>,
}

struct State {
    slots: Slots,
    /// Whether `slots` must be asked for before they are relied on.
    are_in_doubt: bool,
    asking: Option<Asking>,
    asked_at: Instant,
    attempts: usize,
    links: HashMap<Address, Link>,
}

impl Router {
    /// A router that asks nobody until it is used.
    pub(super) fn new(server: Server) -> Self {
        let state = State {
            slots: server.known_slots(),
            are_in_doubt: server.is_discovered(),
            asking: None,
            asked_at: Instant::now(),
            attempts: 0,
            links: HashMap::new(),
        };
        Self(Arc::new(Inner { server, state: RwLock::new(state) }))
    }

    pub(super) fn server(&self) -> &Server {
        &self.0.server
    }

    /// The link to the server that has this slot.
    ///
    /// # Errors
    /// When nobody says which one that is.
    pub(super) async fn owner(&self, slot: u16) -> RedisResult<Link> {
        self.settle().await?;
        let nobody = || RedisError::from((ErrorKind::Io, "no server of the cluster has a key's slot"));
        let owner = self.read().slots.owner(slot).cloned();
        match owner {
            Some(owner) => Ok(self.link(owner)),
            None => {
                self.doubt();
                Err(nobody())
            }
        }
    }

    /// The links to all servers that have slots.
    ///
    /// # Errors
    /// When nobody says which these are, or not all slots are with one.
    pub(super) async fn owners(&self) -> RedisResult<Vec<Link>> {
        self.settle().await?;
        let state = self.read();
        if !state.slots.are_covered() {
            return Err(RedisError::from((ErrorKind::Io, "some slots are with no server of the cluster")));
        }
        let mut owners: Vec<Address> = Vec::new();
        for node in state.slots.nodes() {
            if !owners.contains(node) {
                owners.push(node.clone());
            }
        }
        drop(state);
        Ok(owners.into_iter().map(|owner| self.link(owner)).collect())
    }

    /// The link to `address`.
    pub(super) fn link(&self, address: Address) -> Link {
        if let Some(link) = self.read().links.get(&address) {
            return link.clone();
        }
        let new = |address: &Address| Link::new(&self.0.server, address.clone());
        self.write().links.entry(address).or_insert_with_key(new).clone()
    }

    /// Where this slot's server is, as far as is known.
    pub(super) fn address(&self, slot: u16) -> Option<Address> {
        self.read().slots.owner(slot).cloned()
    }

    /// Notes that another server has this slot now.
    pub(super) fn note_moved(&self, slot: u16, owner: Address) {
        self.write().slots.note_moved(slot, owner);
    }

    /// The link is of no use any more: its server is away, or another has taken its place.
    pub(super) fn give_up(&self, link: &Link) {
        let mut state = self.write();
        if state.links.get(link.address()).is_some_and(|known| known.is(link)) {
            state.links.remove(link.address());
        }
        state.are_in_doubt = self.0.server.is_discovered();
    }

    /// Begins anew: every link may be cut off, or lead to a server that another has replaced.
    pub(super) fn forget(&self) {
        self.write().links.clear();
        self.doubt();
    }

    /// What is known of the slots may be outdated.
    pub(super) fn doubt(&self) {
        self.write().are_in_doubt = self.0.server.is_discovered();
    }

    /// Makes sure that the slots are known; all who want to know ask once.
    async fn settle(&self) -> RedisResult<()> {
        {
            let state = self.read();
            if !state.are_in_doubt {
                let is_old = self.asks_again() && state.asked_at.elapsed() > SENTINELS_SAID;
                drop(state);
                if is_old {
                    self.ask_beside();
                }
                return Ok(());
            }
        }
        self.ask().await
    }

    /// Sentinels tell nobody of a new primary whose old one still answers; nodes of a cluster do.
    fn asks_again(&self) -> bool {
        matches!(self.0.server, Server::Sentinel { .. })
    }

    fn ask_beside(&self) {
        let is_asking = self.read().asking.is_some();
        if !is_asking {
            let router = self.clone();
            tokio::spawn(async move { router.ask().await });
        }
    }

    async fn ask(&self) -> RedisResult<()> {
        let asking = self.write().ask(&self.0.server);
        let answer = asking.clone().await;
        let mut state = self.write();
        if state.asking.as_ref().is_some_and(|current| current.ptr_eq(&asking)) {
            state.asking = None;
            match &answer {
                Ok(slots) => state.learn(slots.clone()),
                Err(error) => tracing::debug!(%error, "nobody says which server has the keys"),
            }
        }
        answer.map(drop)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        // What is known is valid whatever happened to who held it.
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ask(&mut self, server: &Server) -> Asking {
        if let Some(asking) = &self.asking {
            return asking.clone();
        }
        let others = self.slots.nodes().cloned().collect();
        self.asked_at = Instant::now();
        let asking = topology::ask(server.clone(), others, self.attempts).boxed().shared();
        self.attempts += 1;
        self.asking = Some(asking.clone());
        asking
    }

    /// Links to servers that have nothing any more are dropped.
    fn learn(&mut self, slots: Slots) {
        self.slots = slots;
        self.are_in_doubt = false;
        let slots = &self.slots;
        self.links.retain(|address, _| slots.nodes().any(|node| node == address));
    }
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router").finish_non_exhaustive()
    }
}
