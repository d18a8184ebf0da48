//! One of our programs with its connections.

use std::path::Path;

use pollster_integration::{Service, Spec, environment};
use tokio::sync::Mutex;

use super::postgres::Access;
use super::redis::Place;
use super::servers::Servers;
use crate::links::Link;
use crate::nemesis::{Program, Server};
use crate::planted::Planted;
use crate::settings::Settings;

/// A program that is started again when it ends, as whoever runs programs for others does.
#[derive(Debug)]
pub(crate) struct Member {
    program: Program,
    service: Service,
    /// Whether it is meant to run. Locked while that changes.
    wanted: Mutex<bool>,
    links: Vec<(Server, Link)>,
}

impl Member {
    /// Starts it and waits until it is ready. It keeps files in `folder`.
    pub(super) async fn start(
        program: Program,
        servers: &Servers,
        more_env: Vec<(String, String)>,
        folder: &Path,
        settings: &Settings,
    ) -> Self {
        let Access { links, url, env: more_of_postgres } = servers.postgres().access(program).await;
        let mut links: Vec<_> = links.into_iter().map(|link| (Server::Postgres, link)).collect();
        let redis_urls = redis_urls(servers, &mut links).await;
        let mut env = environment(&redis_urls[0], &url, folder);
        let roles = ["REDIS_STREAMS_URL", "REDIS_AGGREGATES_URL", "REDIS_PUBSUB_URL"];
        env.extend(roles.map(str::to_owned).into_iter().zip(redis_urls));
        env.push(("REDIS_MIN_REPLICAS".to_owned(), settings.min_replicas.to_string()));
        env.extend(more_of_postgres);
        // An address is what a proxy before the gateways says.
        env.push(("TRUSTED_PROXIES".to_owned(), "127.0.0.0/8".to_owned()));
        env.extend(more_env);
        let (name, args, listens): (_, &[&str], _) = match program {
            Program::Gateway(_) => ("pollster-gateway", &[], true),
            Program::Aggregator(_) => {
                let faulty = settings.planted.and_then(Planted::aggregator);
                let (name, args) = faulty.unwrap_or(("pollster-aggregator", &[]));
                (name, args, false)
            }
            Program::Background(_) => ("pollster-background", &["run"], false),
        };
        let log = settings.logs.join(format!("{program}.log").replace(' ', "-"));
        let service = Service::start(Spec { program: name, args, listens, env, log }).await;
        Self { program, service, wanted: Mutex::new(true), links }
    }

    /// Which it is.
    pub(crate) fn program(&self) -> Program {
        self.program
    }

    /// The program itself.
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// Its connections to a server.
    pub(super) fn links(&self, server: Server) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |(to, _)| *to == server).map(|(_, link)| link)
    }

    /// Kills it, for good until [`start_again`](Self::start_again).
    pub(crate) async fn kill(&self) {
        let mut wanted = self.wanted.lock().await;
        *wanted = false;
        self.service.kill().await;
    }

    /// Starts it after a [`kill`](Self::kill); whether it gets ready is its own affair.
    pub(crate) async fn start_again(&self) {
        let mut wanted = self.wanted.lock().await;
        self.service.spawn().await;
        *wanted = true;
    }

    /// Starts it where it has ended though it was meant to run; returns whether it had.
    pub(super) async fn revive(&self) -> bool {
        let wanted = self.wanted.lock().await;
        let has_ended = *wanted && self.service.has_ended().await;
        if has_ended {
            self.service.spawn().await;
        }
        has_ended
    }
}

/// The URLs of streams, aggregates and pub/sub for a program, over new proxies where there can be some: one a server.
async fn redis_urls(servers: &Servers, links: &mut Vec<(Server, Link)>) -> Vec<String> {
    let mut urls = Vec::new();
    for (server, place) in servers.redis().places() {
        urls.push(match place {
            Place::Url(url) => url,
            Place::Address(address) => {
                if !links.iter().any(|(known, _)| *known == server) {
                    links.push((server, Link::to(address).await));
                }
                let link = links.iter().find(|(known, _)| *known == server).map(|(_, link)| link.address());
                format!("redis://{}", link.expect("it was made"))
            }
        });
    }
    urls
}
