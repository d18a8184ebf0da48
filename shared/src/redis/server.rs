//! What a URL leads to: one Redis, the primary that Sentinels name, or a Redis Cluster by some of its nodes.

use redis::{
    Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion, RedisError,
    RedisResult,
};

use super::slots::{Address, Slots};

/// What stands between the scheme of one Redis, `redis` or `rediss`, and a cluster's nodes.
const CLUSTER: &str = "+cluster://";
/// The same before Sentinels.
const SENTINEL: &str = "+sentinel://";

/// Where the keys of a role are.
#[derive(Debug, Clone)]
pub(crate) enum Server {
    /// One Redis.
    Single(Box<ConnectionInfo>),
    /// The primary called `name`.
    Sentinel {
        /// Who knows where it is, at least one. They are asked without credentials.
        sentinels: Vec<Address>,
        /// What they call it.
        name: String,
        /// How to reach a server that they name, but for its address.
        like: Box<ConnectionInfo>,
    },
    /// A Redis Cluster, by the nodes that the URL names, at least one, all with the same credentials.
    Cluster(Vec<ConnectionInfo>),
}

impl Server {
    /// Reads `redis://…`, `redis+sentinel://user:password@host:port,host:port/name` or
    /// `redis+cluster://user:password@host:port,host:port`; each with `rediss` for TLS.
    pub(crate) fn parse(url: &str) -> RedisResult<Self> {
        for scheme in ["redis", "rediss"] {
            let Some(rest) = url.strip_prefix(scheme) else { continue };
            if let Some(nodes) = rest.strip_prefix(CLUSTER) {
                return Self::cluster(scheme, nodes);
            }
            if let Some(named) = rest.strip_prefix(SENTINEL) {
                return Self::sentinel(scheme, named);
            }
        }
        Ok(Self::Single(Box::new(url.into_connection_info()?)))
    }

    fn cluster(scheme: &str, nodes: &str) -> RedisResult<Self> {
        if nodes.contains(['/', '?', '#']) {
            return Err(bad("a Redis Cluster's URL takes credentials and nodes only: it has one database"));
        }
        Ok(Self::Cluster(named(scheme, nodes)?))
    }

    fn sentinel(scheme: &str, rest: &str) -> RedisResult<Self> {
        let name = rest.rsplit_once('/').filter(|(_, name)| !name.is_empty() && !name.contains(['?', '#']));
        let Some((nodes, name)) = name else {
            return Err(bad("a Sentinel's URL ends with the name of its primary, as in …:26379/mymaster"));
        };
        let sentinels = named(scheme, nodes)?;
        let address = |info: &ConnectionInfo| Address::of(info.addr());
        Ok(Self::Sentinel {
            name: name.to_owned(),
            like: Box::new(sentinels[0].clone()),
            sentinels: sentinels.iter().map(address).collect(),
        })
    }

    /// The nodes, or Sentinels, that the URL names.
    pub(crate) fn named(&self) -> Vec<Address> {
        match self {
            Self::Single(info) => vec![Address::of(info.addr())],
            Self::Sentinel { sentinels, .. } => sentinels.clone(),
            Self::Cluster(nodes) => nodes.iter().map(|info| Address::of(info.addr())).collect(),
        }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Whether others say where the keys are, and may say otherwise at any time.
    pub(crate) fn is_discovered(&self) -> bool {
        !matches!(self, Self::Single(_))
    }

    /// Who has which slots, as far as that needs no asking: one server has them all.
    pub(crate) fn known_slots(&self) -> Slots {
        match self {
            Self::Single(info) => Slots::all_on(Address::of(info.addr())),
            Self::Sentinel { .. } | Self::Cluster(_) => Slots::default(),
        }
    }

    /// How to reach one of its nodes.
    pub(crate) fn at(&self, node: &Address) -> ConnectionInfo {
        match self {
            Self::Single(info) => (**info).clone(),
            Self::Sentinel { like, .. } => at(like, node),
            Self::Cluster(named) => at(&named[0], node),
        }
    }

    /// A client of one of its nodes that may be sent messages while it asks.
    pub(crate) fn push_client(&self, node: &Address) -> RedisResult<Client> {
        let info = self.at(node);
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        Client::open(info.set_redis_settings(settings))
    }

    /// A client of one of its Sentinels.
    pub(super) fn sentinel_client(&self, sentinel: &Address) -> RedisResult<Client> {
        let info = self.at(sentinel);
        Client::open(info.set_redis_settings(redis::RedisConnectionInfo::default()))
    }
}

fn bad(problem: &'static str) -> RedisError {
    RedisError::from((ErrorKind::InvalidClientConfig, problem))
}

/// Reads `user:password@host:port,host:port`.
fn named(scheme: &str, nodes: &str) -> RedisResult<Vec<ConnectionInfo>> {
    let (credentials, nodes) = match nodes.rsplit_once('@') {
        Some((credentials, nodes)) => (format!("{credentials}@"), nodes),
        None => (String::new(), nodes),
    };
    nodes.split(',').map(|node| format!("{scheme}://{credentials}{node}").into_connection_info()).collect()
}

/// How to reach `node`, otherwise as `named` is reached.
fn at(named: &ConnectionInfo, node: &Address) -> ConnectionInfo {
    let Address { host, port } = node.clone();
    let address = match named.addr().clone() {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
            ConnectionAddr::TcpTls { host, port, insecure, tls_params }
        }
        _ => ConnectionAddr::Tcp(host, port),
    };
    named.clone().set_addr(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(url: &str) -> Vec<ConnectionInfo> {
        match Server::parse(url).unwrap() {
            Server::Cluster(nodes) => nodes,
            other => panic!("{url} is no cluster: {other:?}"),
        }
    }

    fn names(url: &str) -> Vec<String> {
        Server::parse(url).unwrap().named().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_cluster_is_named_by_some_of_its_nodes() {
        let named = names("redis+cluster://one:7001,127.0.0.1,[::1]:7003");
        assert_eq!(named, ["one:7001", "127.0.0.1:6379", "::1:7003"]);
    }

    #[test]
    fn a_primary_is_named_by_its_sentinels_and_its_name() {
        let url = "rediss+sentinel://user:pass@one:26379,two:26380/votes";
        assert_eq!(names(url), ["one:26379", "two:26380"]);
        let server = Server::parse(url).unwrap();
        assert!(matches!(&server, Server::Sentinel { name, .. } if name == "votes"));
        let primary = server.at(&Address { host: "three".to_owned(), port: 6379 });
        assert!(matches!(primary.addr(), ConnectionAddr::TcpTls { host, .. } if host == "three"));
        assert_eq!(primary.redis_settings().password(), Some("pass"));
        let asked = server.sentinel_client(&server.named()[1]).unwrap();
        assert_eq!(asked.get_connection_info().redis_settings().password(), None);
    }

    #[test]
    fn all_nodes_of_a_cluster_take_the_same_credentials_and_encryption() {
        for node in cluster("rediss+cluster://user:pass@one:7001,two:7002") {
            assert!(matches!(node.addr(), ConnectionAddr::TcpTls { insecure: false, .. }));
            let another = at(&node, &Address { host: "three".to_owned(), port: 7003 });
            assert!(matches!(another.addr(), ConnectionAddr::TcpTls { host, .. } if host == "three"));
            let settings = another.redis_settings();
            assert_eq!((settings.username(), settings.password()), (Some("user"), Some("pass")));
        }
    }

    #[test]
    fn a_bad_url_is_refused() {
        for url in [
            "redis+cluster://",
            "redis+cluster://one:many",
            "redis+cluster://one/1",
            "redis+sentinel://one:26379",
            "redis+sentinel://one:26379/",
            "redis+sentinel://one:many/votes",
            "redis+other://one",
            "http://one",
        ] {
            assert!(Server::parse(url).is_err(), "{url}");
        }
        assert!(matches!(Server::parse("redis://one/1"), Ok(Server::Single(_))));
    }
}
