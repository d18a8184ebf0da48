//! The connections of a run, each kind through a TCP proxy of its own that can stand between two who are well.

mod pump;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use pollster_stack::free_port;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// Somebody else may take a port between its choice and its use.
const PORT_TRIES: u32 = 5;
/// The pause before its own port is tried again.
const BIND_AGAIN: Duration = Duration::from_millis(20);

/// What a link does to what goes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Nothing.
    Pass,
    /// Connections end, new ones are refused.
    Cut,
    /// Bytes and ends are held, both ways, until another mode lets them go on: nobody is told anything.
    Blackhole,
    /// All arrives that much later, each way.
    Delay(Duration),
}

/// A proxy before one server for one of its clients. It ends on drop, with its connections.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    task: AbortHandle,
}

impl Link {
    /// Puts one before `target`, on a free port.
    ///
    /// # Panics
    /// When no port stays free.
    pub async fn to(target: SocketAddr) -> Self {
        let (address, listener) = listen_anywhere().await;
        let (mode, modes) = watch::channel(Mode::Pass);
        let task = tokio::spawn(serve(listener, address, target, modes)).abort_handle();
        Self { address, mode, task }
    }

    /// Where its client finds the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it does from now on.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen_anywhere() -> (SocketAddr, TcpListener) {
    for _ in 0..PORT_TRIES {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port().expect("a free port")));
        if let Ok(listener) = TcpListener::bind(address).await {
            return (address, listener);
        }
    }
    panic!("no port stayed free for a link");
}

/// Listens while it is not cut. With this future go all connections.
async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    target: SocketAddr,
    mut modes: watch::Receiver<Mode>,
) {
    let mut listener = Some(listener);
    // The sender goes with the link, and this task before it.
    while modes.wait_for(|mode| *mode != Mode::Cut).await.is_ok() {
        let open = match listener.take() {
            Some(open) => open,
            None => listen_again(address).await,
        };
        let mut connections = JoinSet::new();
        let cut = modes.clone();
        tokio::select! {
            () = accept(open, target, &modes, &mut connections) => {}
            () = until_cut(cut) => {}
        }
    }
}

async fn until_cut(mut modes: watch::Receiver<Mode>) {
    let _ = modes.wait_for(|mode| *mode == Mode::Cut).await;
}

/// Its own port: a connection that has not quite gone may hold it for a moment.
async fn listen_again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => tokio::time::sleep(BIND_AGAIN).await,
        }
    }
}

async fn accept(
    listener: TcpListener,
    target: SocketAddr,
    modes: &watch::Receiver<Mode>,
    connections: &mut JoinSet<io::Result<()>>,
) {
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                connections.spawn(connect(client, target, modes.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect(client: TcpStream, target: SocketAddr, mut modes: watch::Receiver<Mode>) -> io::Result<()> {
    // As far as the client knows it is connected: so it is where packets are lost after the handshake.
    let _ = modes.wait_for(|mode| *mode != Mode::Blackhole).await;
    let server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let there = pump::run(from_client, to_server, modes.clone());
    let back = pump::run(from_server, to_client, modes);
    // An error of one ends both; an end of one leaves the other's direction open.
    tokio::try_join!(there, back).map(drop)
}
