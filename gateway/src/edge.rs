//! The edge: where requests come from and how much of that is believed, whose pages may use the API, how many
//! connections there may be, how much may be in hand, and what browsers are told to refuse.

pub(crate) mod address;
mod connections;
mod cors;
mod headers;
mod load;
pub(crate) mod socket;

use clap::{Args, value_parser};
use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};
use tower_http::cors::CorsLayer;

use crate::config::Config;
use crate::request::Context;
use address::TrustedProxies;
use connections::Connections;
use cors::AllowedOrigins;
use headers::SecurityHeaders;

pub(crate) use connections::{Counted, NetworkPlace, Refusal};
pub(crate) use load::{Class, Load, Place};

/// What the gateway knows of the network around it, and what it grants.
#[derive(Debug, Clone, Args)]
pub struct EdgeConfig {
    /// Networks of proxies whose X-Forwarded-For or Forwarded is believed, separated by commas
    #[arg(long, env = "TRUSTED_PROXIES", default_value = "", hide_default_value = true)]
    pub(crate) trusted_proxies: TrustedProxies,
    /// Origins besides our own whose pages may use the API, separated by commas, or *
    #[arg(long, env = "ALLOWED_ORIGINS", default_value = "", hide_default_value = true)]
    pub(crate) allowed_origins: AllowedOrigins,
    /// Connections at once
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 100_000, value_parser = value_parser!(u32).range(1..))]
    pub max_connections: u32,
    /// Connections at once from one IPv4 address or IPv6 /64 network; an audience may share one
    #[arg(long, env = "MAX_CONNECTIONS_PER_ADDRESS", default_value_t = 2000, value_parser = value_parser!(u32).range(1..))]
    pub max_connections_per_address: u32,
}

/// The edge of a running gateway.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) connections: Connections,
    pub(crate) load: Load,
    pub(crate) headers: SecurityHeaders,
    /// What pages of other origins need, where any are allowed.
    pub(crate) cors: Option<CorsLayer>,
}

impl Edge {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            connections: Connections::new(&config.edge),
            load: Load::default(),
            headers: SecurityHeaders::new(&config.public_url(), &config.captcha.captcha_script_origin),
            cors: config.edge.allowed_origins.layer(),
        }
    }
}

/// Whether a WebSocket may be opened, and its place among those of its client.
pub(crate) fn admit_socket(context: &Context) -> Result<Option<NetworkPlace>, Refusal> {
    let config = &context.app.config;
    if !is_allowed_origin(config, context.request.headers()) {
        return Err(Refusal::Origin);
    }
    admit_stream(context)
}

/// The place of an answer that goes on and on among the connections of its client.
pub(crate) fn admit_stream(context: &Context) -> Result<Option<NetworkPlace>, Refusal> {
    context.app.edge.connections.behind_proxy(context.peer, context.address())
}

/// Whether a page may open a WebSocket, which no CORS keeps it from. What sends no `Origin` is no browser.
fn is_allowed_origin(config: &Config, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    config.edge.allowed_origins.contains(origin)
        || cors::is_same(origin, config.public_url.as_deref(), headers.get(HOST))
}
