//! One of our programs with its connections.

use std::path::Path;

use pollster_integration::{Service, Spec, environment};
use tokio::sync::Mutex;

use super::servers::Servers;
use crate::links::Link;
use crate::nemesis::Program;
use crate::planted::Planted;
use crate::settings::Settings;

/// A program that is started again when it ends, as whoever runs programs for others does.
#[derive(Debug)]
pub(crate) struct Member {
    program: Program,
    service: Service,
    /// Whether it is meant to run. Locked while that changes.
    wanted: Mutex<bool>,
    pub(super) redis: Link,
    pub(super) postgres: Link,
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
        let redis = Link::to(servers.redis_address()).await;
        let postgres = Link::to(servers.postgres_address()).await;
        let redis_url = format!("redis://{}", redis.address());
        let mut env = environment(&redis_url, &servers.database_url_at(postgres.address()), folder);
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
        Self { program, service, wanted: Mutex::new(true), redis, postgres }
    }

    /// Which it is.
    pub(crate) fn program(&self) -> Program {
        self.program
    }

    /// The program itself.
    pub(crate) fn service(&self) -> &Service {
        &self.service
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
