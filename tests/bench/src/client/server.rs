//! Where a gateway is, and how to connect to it.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HeaderValue;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::ClientError;

/// A gateway's addresses and the host name it is asked by.
#[derive(Debug, Clone)]
pub struct Server {
    addresses: Vec<SocketAddr>,
    host: HeaderValue,
}

impl Server {
    /// The server behind a base URL such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// [`ClientError::BadUrl`], also for a scheme other than http; [`ClientError::Connect`] where the name
    /// can't be resolved.
    pub async fn from_url(url: &str) -> Result<Self, ClientError> {
        let bad = |problem: &str| ClientError::BadUrl { url: url.to_owned(), problem: problem.to_owned() };
        let parsed: Uri = url.parse().map_err(|error| bad(&format!("{error}")))?;
        if parsed.scheme_str() != Some("http") {
            return Err(bad("not http://"));
        }
        if !matches!(parsed.path(), "" | "/") || parsed.query().is_some() {
            return Err(bad("it has a path"));
        }
        let authority = parsed.authority().ok_or_else(|| bad("no host"))?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|error| bad(&error.to_string()))?;
        let name = authority.host().trim_matches(['[', ']']);
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name, authority.port_u16().unwrap_or(80)))
            .await
            .map_err(|source| ClientError::Connect { host: authority.to_string(), source })?
            .collect();
        Ok(Self { addresses, host })
    }

    /// Host and port as the `Host` header carries them.
    pub fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// A new connection without a delay for small writes.
    ///
    /// # Errors
    /// [`ClientError::Connect`].
    pub async fn open_stream(&self) -> Result<TcpStream, ClientError> {
        let connect = async {
            let stream = TcpStream::connect(self.addresses.as_slice()).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        connect.await.map_err(|source| self.connect_error(source))
    }

    /// A new connection for requests.
    ///
    /// # Errors
    /// [`ClientError::Connect`].
    pub async fn open(&self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let stream = TokioIo::new(self.open_stream().await?);
        let (requests, connection) =
            http1::handshake(stream).await.map_err(|error| self.connect_error(io::Error::other(error)))?;
        // What ends it is seen by the request that it carries.
        tokio::spawn(connection);
        Ok(requests)
    }

    fn connect_error(&self, source: io::Error) -> ClientError {
        ClientError::Connect { host: String::from_utf8_lossy(self.host.as_bytes()).into_owned(), source }
    }
}

impl From<SocketAddr> for Server {
    fn from(address: SocketAddr) -> Self {
        let host =
            HeaderValue::from_str(&address.to_string()).expect("an address is made of visible characters");
        Self { addresses: vec![address], host }
    }
}

impl From<&Server> for Server {
    fn from(server: &Server) -> Self {
        server.clone()
    }
}
