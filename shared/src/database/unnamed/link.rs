//! What is beneath: the socket, encrypted where `sslmode` asks for it.
//!
//! TLS must be beneath the stream that reads the messages, and tokio-postgres puts whatever does TLS for it right upon
//! the socket. So it is told that this here is TLS from the first byte on, and `sslmode` is followed here.

#[cfg(test)]
mod tests;

use std::io;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::either::Either;

use super::Unnamed;

type Tls = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
type Link = Either<Socket, <Tls as TlsConnect<Socket>>::Stream>;

/// What a client sends to ask for TLS: the message's length, and a number that stands for it.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// What a server answers that is willing.
const WILLING: u8 = b'S';

/// Connects without names of statements.
#[derive(Clone)]
pub(in super::super) struct Linker {
    tls: MakeRustlsConnect,
    mode: SslMode,
    negotiation: SslNegotiation,
}

/// Connects to one server.
pub(in super::super) struct Linked {
    tls: Tls,
    mode: SslMode,
    negotiation: SslNegotiation,
}

impl Linker {
    /// Follows what `config` says of TLS. Returns with it the configuration to connect with.
    pub(in super::super) fn new(config: &Config, tls: MakeRustlsConnect) -> (Self, Config) {
        let linker = Self { tls, mode: config.get_ssl_mode(), negotiation: config.get_ssl_negotiation() };
        let mut config = config.clone();
        config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        if config.get_hosts().is_empty() {
            // TLS needs a name, and an address is one.
            for address in config.get_hostaddrs().to_vec() {
                config.host(address.to_string());
            }
        }
        (linker, config)
    }
}

impl MakeTlsConnect<Socket> for Linker {
    type Stream = Unnamed<Link>;
    type TlsConnect = Linked;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Linked> {
        let tls =
            MakeTlsConnect::<Socket>::make_tls_connect(&mut self.tls, host).map_err(io::Error::other)?;
        Ok(Linked { tls, mode: self.mode, negotiation: self.negotiation })
    }
}

impl TlsConnect<Socket> for Linked {
    type Stream = Unnamed<Link>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Unnamed<Link>>>;

    fn connect(self, mut socket: Socket) -> Self::Future {
        async move {
            let link = if is_to_be_encrypted(&mut socket, self.mode, self.negotiation).await? {
                Either::Right(self.tls.connect(socket).await.map_err(io::Error::other)?)
            } else {
                Either::Left(socket)
            };
            Ok(Unnamed::new(link))
        }
        .boxed()
    }
}

impl TlsStream for Unnamed<Link> {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.beneath {
            Either::Left(_) => ChannelBinding::none(),
            Either::Right(tls) => tls.channel_binding(),
        }
    }
}

/// Asks the server for TLS where `mode` would have it, unless both sides begin with it.
async fn is_to_be_encrypted(
    socket: &mut Socket,
    mode: SslMode,
    negotiation: SslNegotiation,
) -> io::Result<bool> {
    if mode == SslMode::Disable {
        return Ok(false);
    }
    if negotiation == SslNegotiation::Direct {
        return Ok(true);
    }
    socket.write_all(&SSL_REQUEST).await?;
    match socket.read_u8().await? {
        WILLING => Ok(true),
        _ if mode == SslMode::Prefer => Ok(false),
        _ => Err(io::Error::new(io::ErrorKind::Unsupported, "the server does not do TLS")),
    }
}
