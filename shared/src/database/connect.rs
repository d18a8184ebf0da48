//! How a connection comes about: bounded in time, encrypted where `sslmode` asks for it, cut when its circuit opens.

use std::sync::Arc;
use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsStream};
use tokio_postgres::{Config, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::DatabaseError;
use crate::circuit::Circuit;

/// `connect_timeout` ends when the socket stands: a server that is stopped takes it, and says nothing.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

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

/// Connects as `sslmode` says; diesel-async's own `establish` would never encrypt. What waits for an answer fails at
/// once when `circuit` opens: a server that is stopped would let it wait.
pub(super) async fn connect(
    config: &Config,
    circuit: Option<&Circuit>,
) -> Result<AsyncPgConnection, Refused> {
    let connected = async {
        if config.get_ssl_mode() == SslMode::Disable {
            return connect_with(config, NoTls, circuit).await;
        }
        connect_with(config, MakeRustlsConnect::new(tls_config()), circuit).await
    };
    let silent = |_| Refused::Gone("the server does not answer".to_owned());
    timeout(CONNECT_WITHIN, connected).await.map_err(silent)?
}

async fn connect_with<T>(
    config: &Config,
    tls: T,
    circuit: Option<&Circuit>,
) -> Result<AsyncPgConnection, Refused>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: TlsStream + Send + 'static,
{
    let gone = |error: ConnectionError| Refused::Gone(error.to_string());
    let (client, connection) = config.connect(tls).await?;
    let Some(circuit) = circuit.cloned() else {
        return AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(gone);
    };
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => {
                // Whoever uses it learns it from the client, but maybe nobody does.
                if ended.is_err() {
                    circuit.suspect();
                }
            }
            _ = circuit.opened() => {}
        }
    });
    AsyncPgConnection::try_from(client).await.map_err(gone)
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
