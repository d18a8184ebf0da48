//! A private Redis Cluster.

use std::cell::Cell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::inline::ask;
use super::slots::{self, Node};
use super::{Redis, Setup};
use crate::{Options, StackError, free_port, wait};

/// Nodes that have slots.
const PRIMARIES: usize = 3;
const SLOTS: usize = 16_384;
/// After how long without an answer a node counts as failed, in milliseconds: a test waits for that.
const NODE_TIMEOUT: &str = "2000";
/// A node gives a failover in order up after five seconds, for instance when the others had no time to vote.
const FAILOVER_GIVEN_UP: Duration = Duration::from_secs(6);
/// How long the nodes may take to agree.
const AGREE_DEADLINE: Duration = Duration::from_secs(60);

/// A node, by its number, and the slots that it has.
pub type Primary = (usize, Vec<Range<u16>>);

/// Three primaries of a Redis Cluster with a third of the slots each, and as many replicas or none.
#[derive(Debug)]
pub struct RedisCluster {
    dir: PathBuf,
    nodes: Vec<Redis>,
    /// The nodes' names among themselves.
    ids: Vec<String>,
}

impl RedisCluster {
    /// Starts its nodes in folders in `dir`, and waits until all of them say that the cluster works. Nodes 0, 1
    /// and 2 are the primaries; with replicas, those are nodes 3, 4 and 5, in that order.
    ///
    /// # Errors
    /// As [`Redis::start`]; `TooSlow` where the nodes do not agree.
    pub fn start(dir: &Path, with_replicas: bool) -> Result<Self, StackError> {
        Self::start_with(dir, with_replicas, 0)
    }

    /// The same; a primary refuses to write while fewer than `min_replicas` replicas follow it.
    ///
    /// # Errors
    /// As [`RedisCluster::start`].
    pub fn start_with(dir: &Path, with_replicas: bool, min_replicas: u32) -> Result<Self, StackError> {
        let number = if with_replicas { 2 * PRIMARIES } else { PRIMARIES };
        let mut bus_ports = Vec::new();
        let mut nodes = Vec::new();
        for node in 0..number {
            let bus_port = free_port()?;
            let setup = Setup { settings: settings(bus_port, min_replicas), ..Setup::default() };
            nodes.push(Redis::launch(&dir.join(format!("node-{node}")), Options::default(), setup)?);
            bus_ports.push(bus_port);
        }
        let mut cluster = Self { dir: dir.to_owned(), nodes, ids: Vec::new() };
        for node in 0..number {
            cluster.ids.push(bulk(&cluster.ask(node, "CLUSTER MYID")?));
        }
        cluster.join(&bus_ports)?;
        cluster.wait_until_it_works()?;
        Ok(cluster)
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        let nodes: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis+cluster://{}", nodes.join(","))
    }

    /// Its nodes.
    pub fn nodes(&mut self) -> &mut [Redis] {
        &mut self.nodes
    }

    /// Gives slots with their keys from one primary to another.
    ///
    /// # Errors
    /// Those of the nodes.
    pub fn migrate(&self, slots: Range<u16>, from: usize, to: usize) -> Result<(), StackError> {
        slots::migrate(slots, self.node(from), self.node(to))
    }

    /// The nodes that are primaries now, each with its slots; a primary without slots is none.
    ///
    /// # Errors
    /// Where no node that answers knows.
    pub fn primaries(&self) -> Result<Vec<Primary>, StackError> {
        let answers = (0..self.nodes.len()).filter_map(|node| self.ask(node, "CLUSTER NODES").ok());
        let newest = answers.max_by_key(|answer| epoch(answer));
        let nobody = || StackError::io("CLUSTER NODES")(std::io::Error::other("no node answers"));
        let told = newest.ok_or_else(nobody)?;
        let mut primaries: Vec<_> = told.lines().filter_map(|line| self.primary(line)).collect();
        primaries.sort_by_key(|(node, _)| *node);
        Ok(primaries)
    }

    /// The replicas that say that they follow this primary.
    pub fn replicas_of(&self, primary: usize) -> Vec<usize> {
        let followed = format!("master_port:{}\r\n", self.nodes[primary].port());
        let follows =
            |node: &usize| self.ask(*node, "INFO replication").is_ok_and(|told| told.contains(&followed));
        (0..self.nodes.len()).filter(follows).collect()
    }

    /// Makes a replica take its primary's place, in order; returns once it has.
    ///
    /// # Errors
    /// Those of the node; `TooSlow`.
    pub fn fail_over_to(&self, replica: usize) -> Result<(), StackError> {
        self.tell(replica, "CLUSTER FAILOVER")?;
        let asked = Cell::new(Instant::now());
        self.wait("the failover", |cluster| {
            if cluster.ask(replica, "ROLE")?.contains("master") {
                return Ok(true);
            }
            // It says that it begins, and nothing when it gives up.
            if asked.get().elapsed() > FAILOVER_GIVEN_UP {
                cluster.tell(replica, "CLUSTER FAILOVER")?;
                asked.set(Instant::now());
            }
            Ok(false)
        })
    }

    /// Waits until every node says that all slots are served, every replica follows a primary, and every primary is
    /// followed where there are replicas.
    ///
    /// # Errors
    /// `TooSlow`.
    pub fn wait_until_it_works(&self) -> Result<(), StackError> {
        self.wait("agreement among the nodes of a Redis Cluster", |cluster| Ok(cluster.works()))
    }

    fn works(&self) -> bool {
        let all = format!("cluster_known_nodes:{}", self.nodes.len());
        let has_replicas = self.nodes.len() > PRIMARIES;
        let is_well = |node: usize| {
            let told =
                ask(self.nodes[node].port(), &["CLUSTER INFO", "INFO replication"]).unwrap_or_default();
            let is_placed = match told.contains("role:master") {
                true => !has_replicas || told.contains("state=online"),
                false => told.contains("master_link_status:up"),
            };
            told.contains("cluster_state:ok") && told.contains(&all) && is_placed
        };
        (0..self.nodes.len()).all(is_well)
    }

    /// Deals out the slots, makes the nodes known to each other, and the replicas replicas.
    fn join(&self, bus_ports: &[u16]) -> Result<(), StackError> {
        for node in 0..PRIMARIES {
            let (first, after) = (node * SLOTS / PRIMARIES, (node + 1) * SLOTS / PRIMARIES);
            self.tell(node, &format!("CLUSTER ADDSLOTSRANGE {first} {}", after - 1))?;
            // Otherwise they fall out over who came first, and take a moment to make up.
            self.tell(node, &format!("CLUSTER SET-CONFIG-EPOCH {}", node + 1))?;
        }
        for (node, bus_port) in self.nodes.iter().zip(bus_ports).skip(1) {
            self.tell(0, &format!("CLUSTER MEET 127.0.0.1 {} {bus_port}", node.port()))?;
        }
        for replica in PRIMARIES..self.nodes.len() {
            let primary = &self.ids[replica - PRIMARIES];
            let replicate = format!("CLUSTER REPLICATE {primary}");
            // Refused until the two have been introduced.
            self.wait("a replica's primary", |cluster| {
                Ok(cluster.ask(replica, &replicate)?.starts_with("+OK"))
            })?;
        }
        Ok(())
    }

    fn node(&self, number: usize) -> Node<'_> {
        Node { port: self.nodes[number].port(), id: &self.ids[number] }
    }

    /// What a line of `CLUSTER NODES` says of a primary with slots.
    fn primary(&self, line: &str) -> Option<Primary> {
        let mut words = line.split_whitespace();
        let node = words.next().and_then(|id| self.ids.iter().position(|known| known == id))?;
        let flags = words.nth(1)?;
        let is_primary = flags.split(',').any(|flag| flag == "master") && !flags.contains("fail");
        // After the flags come five fields, then the slots; those on their way stand in brackets.
        let slots: Vec<Range<u16>> = words.skip(5).filter_map(range).collect();
        (is_primary && !slots.is_empty()).then_some((node, slots))
    }

    fn wait(&self, what: &str, check: impl Fn(&Self) -> Result<bool, StackError>) -> Result<(), StackError> {
        let log = self.dir.join("node-0/server.log");
        wait::until(what, AGREE_DEADLINE, &log, || Ok(check(self)?.then_some(())))
    }

    /// Has the node do something.
    fn tell(&self, node: usize, command: &str) -> Result<(), StackError> {
        let answer = self.ask(node, command)?;
        if answer.starts_with("+OK") {
            return Ok(());
        }
        let refused = std::io::Error::other(answer.trim().to_owned());
        Err(StackError::io(format!("{command} on node {node}"))(refused))
    }

    fn ask(&self, node: usize, command: &str) -> Result<String, StackError> {
        let failed = StackError::io(format!("{command} on node {node}"));
        ask(self.nodes[node].port(), &[command]).map_err(failed)
    }
}

fn settings(bus_port: u16, min_replicas: u32) -> Vec<String> {
    let (bus_port, min_replicas) = (bus_port.to_string(), min_replicas.to_string());
    let settings = [
        ["--cluster-enabled", "yes"],
        ["--cluster-node-timeout", NODE_TIMEOUT],
        ["--cluster-port", &bus_port],
        ["--min-replicas-to-write", &min_replicas],
        // By default it waits five seconds for more replicas to come.
        ["--repl-diskless-sync-delay", "0"],
    ];
    settings.concat().into_iter().map(str::to_owned).collect()
}

/// The newest configuration that an answer to `CLUSTER NODES` knows of.
fn epoch(nodes: &str) -> u64 {
    nodes.lines().filter_map(|line| line.split_whitespace().nth(6)?.parse().ok()).max().unwrap_or_default()
}

/// `7` or `0-5460`.
fn range(word: &str) -> Option<Range<u16>> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    Some(first.parse().ok()?..last.parse::<u16>().ok()? + 1)
}

/// The text of a bulk string, the first reply in `answer`.
fn bulk(answer: &str) -> String {
    answer.lines().nth(1).unwrap_or_default().to_owned()
}
