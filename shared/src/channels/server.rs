//! What a URL leads to: one Redis, or a Redis Cluster by some of its nodes.

use redis::{
    Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion, RedisError,
    RedisResult,
};

use super::slots::{Address, Slots};

/// The scheme of a Redis Cluster's URL.
const CLUSTER: &str = "redis+cluster://";
/// The same over TLS.
const CLUSTER_TLS: &str = "rediss+cluster://";

/// The server behind the channels.
#[derive(Debug, Clone)]
pub(super) enum Server {
    Single(Box<ConnectionInfo>),
    /// Its nodes that the URL names, at least one, all with the same credentials.
    Cluster(Vec<ConnectionInfo>),
}

/// Whether `url` is a Redis Cluster's.
pub fn is_cluster(url: &str) -> bool {
    url.starts_with(CLUSTER) || url.starts_with(CLUSTER_TLS)
}

impl Server {
    /// Reads `redis://…`, or `redis+cluster://user:password@host:port,host:port`; either with `rediss`.
    pub(super) fn parse(url: &str) -> RedisResult<Self> {
        let (scheme, nodes) = match (url.strip_prefix(CLUSTER), url.strip_prefix(CLUSTER_TLS)) {
            (Some(nodes), _) => ("redis", nodes),
            (_, Some(nodes)) => ("rediss", nodes),
            _ => return Ok(Self::Single(Box::new(url.into_connection_info()?))),
        };
        if nodes.contains(['/', '?', '#']) {
            let problem = "a Redis Cluster's URL takes credentials and nodes only: it has one database";
            return Err(RedisError::from((ErrorKind::InvalidClientConfig, problem)));
        }
        let (credentials, nodes) = match nodes.rsplit_once('@') {
            Some((credentials, nodes)) => (format!("{credentials}@"), nodes),
            None => (String::new(), nodes),
        };
        let nodes =
            nodes.split(',').map(|node| format!("{scheme}://{credentials}{node}").into_connection_info());
        Ok(Self::Cluster(nodes.collect::<RedisResult<_>>()?))
    }

    /// The nodes that the URL names.
    pub(super) fn named(&self) -> Vec<Address> {
        match self {
            Self::Single(info) => vec![Address::of(info.addr())],
            Self::Cluster(nodes) => nodes.iter().map(|info| Address::of(info.addr())).collect(),
        }
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Who has which slots, as far as that needs no asking: one server has them all.
    pub(super) fn known_slots(&self) -> Slots {
        match self {
            Self::Single(info) => Slots::all_on(Address::of(info.addr())),
            Self::Cluster(_) => Slots::default(),
        }
    }

    /// A client of one of its nodes that may be sent messages while it asks.
    pub(super) fn client(&self, node: &Address) -> RedisResult<Client> {
        let info = match self {
            Self::Single(info) => (**info).clone(),
            Self::Cluster(named) => at(&named[0], node),
        };
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        Client::open(info.set_redis_settings(settings))
    }
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
            Server::Single(_) => panic!("{url} is one server"),
        }
    }

    #[test]
    fn a_cluster_is_named_by_some_of_its_nodes() {
        let server = Server::parse("redis+cluster://one:7001,127.0.0.1,[::1]:7003").unwrap();
        let named = server.named().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(named, ["one:7001", "127.0.0.1:6379", "::1:7003"]);
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
        for url in ["redis+cluster://", "redis+cluster://one:many", "redis+cluster://one/1", "http://one"] {
            assert!(Server::parse(url).is_err(), "{url}");
        }
        assert!(matches!(Server::parse("redis://one/1"), Ok(Server::Single(_))));
    }
}
