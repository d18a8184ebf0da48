//! Viewers that read nothing for a minute, among others that do.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::timeout;
use uuid::Uuid;

use super::crowd::Crowd;
use super::error::{FanOutError, Loss};
use super::frames::Frame;
use super::handshake::TEXT;
use super::marks;
use super::socket::{Buffer, Socket};
use super::stage::Stage;
use super::voters::Voters;
use crate::bench::report::{Ending, Latency, SilentViewers};
use crate::bench::servers::Servers;
use crate::bench::wait::sleep;

const VIEWERS: usize = 1000;
const SILENT: usize = 20;
const VOTES_PER_SECOND: u32 = 500;
const WITHOUT: Duration = Duration::from_secs(15);
const SILENCE_SECONDS: u32 = 60;
/// What the system may take in for a silent viewer; with its own choice it would for long take all.
const RECEIVE_BUFFER: u32 = 4096;
/// How long a silent viewer, once it reads, is left to find its end.
const END_WITHIN: Duration = Duration::from_secs(5);

/// Measures the lag at those that read, without silent ones and beside them, and what these cost.
pub(super) async fn measure(servers: &Servers) -> Result<SilentViewers, FanOutError> {
    eprintln!("Fan-out: {VIEWERS} viewers, for a minute beside {SILENT} that read nothing ...");
    let mut stage = Stage::marked(servers).await?;
    let mut crowd = Crowd::start(stage.audience(VIEWERS, marks::choices(&stage.poll)))?;
    crowd.until_served().await?;
    let start = Instant::now();
    let voters = Voters::start(stage.gateway.address, &stage.poll, VOTES_PER_SECOND, marks::choice_of)?;
    sleep(WITHOUT).await?;

    let before_kb = stage.memory_kb()?;
    let silence = Instant::now();
    let silent = open(stage.gateway.address, stage.poll.poll_id).await?;
    let most_kb = most_memory(&stage).await?;
    let over = Instant::now();
    let cast = voters.finish().await?;
    crowd.until(cast.count()).await?;

    let endings = read_to_the_end(silent).await?;
    let newest = stage.newest(cast.count()).await?;
    let seen = crowd.finish().await?;
    seen.check(cast.count(), newest, 1)?;
    let without = Latency::of(seen.lags(&cast, &(start..silence))?);
    let with = Latency::of(seen.lags(&cast, &(silence..over))?);
    Ok(SilentViewers {
        viewers: VIEWERS,
        silent: SILENT,
        seconds: (over - silence).as_secs_f64(),
        p99_ratio: with.p99_ms / without.p99_ms,
        without,
        with,
        kb_a_silent_viewer: most_kb.saturating_sub(before_kb) as f64 / SILENT as f64,
        endings,
    })
}

/// Subscribes; from then on nobody reads.
async fn open(gateway: SocketAddr, poll_id: Uuid) -> Result<Vec<Socket>, FanOutError> {
    let subscribe = json!({"type": "subscribe", "poll_id": poll_id}).to_string();
    let buffer = Buffer::default();
    let mut sockets = Vec::new();
    for _ in 0..SILENT {
        let mut socket = Socket::open(gateway, Some(RECEIVE_BUFFER), &buffer).await?;
        socket.send(TEXT, subscribe.as_bytes()).await?;
        sockets.push(socket);
    }
    Ok(sockets)
}

/// The most memory that the gateway takes while they are silent, in KB.
async fn most_memory(stage: &Stage) -> Result<u64, FanOutError> {
    let mut most = 0;
    for _ in 0..SILENCE_SECONDS {
        sleep(Duration::from_secs(1)).await?;
        most = most.max(stage.memory_kb()?);
    }
    Ok(most)
}

/// How each connection had ended, which is found once it is read.
async fn read_to_the_end(sockets: Vec<Socket>) -> Result<Vec<Ending>, FanOutError> {
    let buffer = Buffer::default();
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    for mut socket in sockets {
        let end = async {
            loop {
                let close = |frame: Frame<'_>| match frame {
                    Frame::Close(code) => Err(Loss::Closed(code).into()),
                    _ => Ok(()),
                };
                if let Err(error) = socket.read(&buffer, close).await {
                    return error;
                }
            }
        };
        let how = match timeout(END_WITHIN, end).await {
            Ok(FanOutError::Lost(loss)) => loss.to_string(),
            Ok(error) => return Err(error),
            Err(_) => "still open".to_owned(),
        };
        *endings.entry(how).or_default() += 1;
    }
    Ok(endings.into_iter().map(|(how, viewers)| Ending { how, viewers }).collect())
}
