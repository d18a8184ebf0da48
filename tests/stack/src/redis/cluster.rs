//! A private Redis Cluster.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Redis;
use super::inline::ask;
use crate::{Options, StackError, free_port, wait};

/// Nodes that have slots.
const PRIMARIES: usize = 3;
const SLOTS: usize = 16_384;
/// After how long without an answer a node counts as failed, in milliseconds: a test waits for that.
const NODE_TIMEOUT: &str = "2000";
/// How long the nodes may take to agree.
const AGREE_DEADLINE: Duration = Duration::from_secs(60);

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
        let number = if with_replicas { 2 * PRIMARIES } else { PRIMARIES };
        let mut bus_ports = Vec::new();
        let mut nodes = Vec::new();
        for node in 0..number {
            let bus_port = free_port()?;
            let settings =
                ["--cluster-enabled", "yes", "--cluster-node-timeout", NODE_TIMEOUT, "--cluster-port"];
            let settings = settings.into_iter().map(str::to_owned).chain([bus_port.to_string()]).collect();
            nodes.push(Redis::launch(&dir.join(format!("node-{node}")), Options::default(), settings)?);
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

    /// Gives a slot without keys from one primary to another.
    ///
    /// # Errors
    /// Those of the nodes.
    pub fn move_slot(&self, slot: u16, from: usize, to: usize) -> Result<(), StackError> {
        let (giver, taker) = (&self.ids[from], &self.ids[to]);
        self.tell(to, &format!("CLUSTER SETSLOT {slot} IMPORTING {giver}"))?;
        self.tell(from, &format!("CLUSTER SETSLOT {slot} MIGRATING {taker}"))?;
        self.tell(to, &format!("CLUSTER SETSLOT {slot} NODE {taker}"))?;
        self.tell(from, &format!("CLUSTER SETSLOT {slot} NODE {taker}"))
    }

    /// Makes a replica take its primary's place, in order; returns once it has.
    ///
    /// # Errors
    /// Those of the node; `TooSlow`.
    pub fn fail_over_to(&self, replica: usize) -> Result<(), StackError> {
        self.tell(replica, "CLUSTER FAILOVER")?;
        self.wait("the failover", |cluster| Ok(cluster.ask(replica, "ROLE")?.contains("master")))
    }

    /// Waits until every node says that all slots are served and every replica follows its primary.
    ///
    /// # Errors
    /// `TooSlow`.
    pub fn wait_until_it_works(&self) -> Result<(), StackError> {
        self.wait("agreement among the nodes of a Redis Cluster", |cluster| {
            for node in 0..cluster.nodes.len() {
                let known = cluster.ask(node, "CLUSTER INFO")?;
                let replication = cluster.ask(node, "INFO replication")?;
                let all = format!("cluster_known_nodes:{}", cluster.nodes.len());
                let works = known.contains("cluster_state:ok") && known.contains(&all);
                if !works || replication.contains("master_link_status:down") {
                    return Ok(false);
                }
            }
            Ok(true)
        })
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

/// The text of a bulk string, the first reply in `answer`.
fn bulk(answer: &str) -> String {
    answer.lines().nth(1).unwrap_or_default().to_owned()
}
