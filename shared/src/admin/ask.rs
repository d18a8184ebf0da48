//! Asks a running program whether it is ready: for health checks where there is no shell, and no curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Readiness;

/// Longer than a program takes to find out.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Asks the program that serves `admin_listen`.
///
/// # Errors
/// Says why it is not ready, or that nobody answers.
pub async fn is_ready(admin_listen: SocketAddr) -> Result<(), String> {
    let address = here(admin_listen);
    match timeout(ANSWER_WITHIN, answer(address)).await {
        Ok(Ok((StatusCode::OK, _))) => Ok(()),
        Ok(Ok((_, Some(Readiness { reasons, .. })))) => Err(format!("not ready: {}", reasons.join("; "))),
        Ok(Ok((status, None))) => Err(format!("not a program of ours: {address} answers {status}")),
        Ok(Err(error)) => Err(format!("nobody answers at {address} (ADMIN_LISTEN): {error}")),
        Err(_) => Err(format!("no answer from {address} (ADMIN_LISTEN) in time")),
    }
}

/// Where one that listens on `address` is reached from this machine.
fn here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn answer(address: SocketAddr) -> Result<(StatusCode, Option<Readiness>), Failed> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/readyz").header(HOST, address.to_string()).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&body).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_asked_here() {
        for (listen, asked) in [
            ("0.0.0.0:9101", "127.0.0.1:9101"),
            ("[::]:9101", "[::1]:9101"),
            ("10.0.0.7:9101", "10.0.0.7:9101"),
        ] {
            assert_eq!(here(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
