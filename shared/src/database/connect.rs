//! How a session with one server comes about: encrypted where `sslmode` asks for it.

use std::sync::Arc;

use diesel::ConnectionError;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsStream};
use tokio_postgres::{Client, Config, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::unnamed::Linker;
use super::{DatabaseError, Pooling};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The server is there, but takes no more connections.
    #[error("{0}")]
    Full(String),
    /// It could not be reached, or does not serve.
    #[error("{0}")]
    Gone(String),
}

impl Refused {
    /// The one of two servers' refusals that says more: one that is full is there.
    pub(super) fn plainer(first: Option<Self>, second: Self) -> Self {
        match first {
            Some(full @ Self::Full(_)) => full,
            _ => second,
        }
    }
}

impl From<tokio_postgres::Error> for Refused {
    fn from(error: tokio_postgres::Error) -> Self {
        let message = describe(&error);
        if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) {
            Self::Full(message)
        } else {
            Self::Gone(message)
        }
    }
}

impl From<Refused> for ConnectionError {
    fn from(refused: Refused) -> Self {
        Self::BadConnection(refused.to_string())
    }
}

impl From<Refused> for DatabaseError {
    fn from(refused: Refused) -> Self {
        Self::Connection(refused.to_string())
    }
}

/// A session with a server. Nothing happens in it until `connection` is driven.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) connection: BoxFuture<'static, Result<(), tokio_postgres::Error>>,
}

/// Opens a session as `sslmode` says; diesel-async's own `establish` would never encrypt.
pub(super) async fn open(config: &Config, pooling: Pooling) -> Result<Session, Refused> {
    if pooling == Pooling::Transaction {
        let (linker, config) = Linker::new(config, MakeRustlsConnect::new(tls_config()));
        return open_with(&config, linker).await;
    }
    if config.get_ssl_mode() == SslMode::Disable {
        return open_with(config, NoTls).await;
    }
    open_with(config, MakeRustlsConnect::new(tls_config())).await
}

async fn open_with<T>(config: &Config, tls: T) -> Result<Session, Refused>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: TlsStream + Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    Ok(Session { client, connection: connection.boxed() })
}

fn tls_config() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|error| unreachable!("ring speaks the default TLS versions: {error}"))
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The error with its cause: the outer one alone says little more than "error connecting".
fn describe(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
