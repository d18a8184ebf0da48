//! Many viewers of one poll, in one thread of their own.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::board::Board;
use super::error::FanOutError;
use super::ledger::Ledger;
use super::socket::Buffer;
use super::tracks::{Seen, Track};
use super::viewer::Viewer;
use crate::bench::wait::unless_interrupted;

/// How often it is looked whether all have something.
const STEP: Duration = Duration::from_millis(20);
/// How long that is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who watches what.
#[derive(Debug, Clone)]
pub(super) struct Audience {
    pub(super) viewers: usize,
    pub(super) poll_id: Uuid,
    pub(super) gateway: SocketAddr,
    /// Where to connect to after the connection was lost; without it, a loss is an error.
    pub(super) refuge: Option<SocketAddr>,
    /// Choices whose counts are kept beside the total.
    pub(super) marks: Vec<Uuid>,
    /// How many connect at a time.
    pub(super) at_once: usize,
}

/// A crowd under way.
#[derive(Debug)]
pub(super) struct Crowd {
    /// When they began to connect.
    pub(super) started: Instant,
    board: Arc<Board>,
    stop: oneshot::Sender<()>,
    seen: oneshot::Receiver<Result<Seen, FanOutError>>,
}

/// What the viewers of a crowd share.
pub(super) struct Crowded {
    pub(super) audience: Audience,
    pub(super) turns: Semaphore,
    pub(super) buffer: Buffer,
    pub(super) tracks: RefCell<Vec<Track>>,
    pub(super) ledger: RefCell<Ledger>,
    pub(super) board: Arc<Board>,
}

impl Crowd {
    /// Starts connecting.
    pub(super) fn start(audience: Audience) -> Result<Self, FanOutError> {
        let board = Arc::new(Board::new(audience.viewers));
        let crowded = Crowded {
            turns: Semaphore::new(audience.at_once),
            buffer: Buffer::default(),
            tracks: RefCell::new(vec![Track::default(); audience.viewers]),
            ledger: RefCell::new(Ledger::new(&audience.marks)),
            board: Arc::clone(&board),
            audience,
        };
        let (stop, stopped) = oneshot::channel();
        let (done, seen) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let started = Instant::now();
        std::thread::Builder::new().name("crowd".to_owned()).spawn(move || {
            // Nobody waits for them after Ctrl-C.
            let _ = done.send(runtime.block_on(crowded.run(stopped)));
        })?;
        Ok(Self { started, board, stop, seen })
    }

    /// Waits until every viewer has its first results.
    pub(super) async fn until_served(&mut self) -> Result<(), FanOutError> {
        self.until(0).await
    }

    /// Waits until every viewer was shown at least so many votes.
    pub(super) async fn until(&mut self, votes: u64) -> Result<(), FanOutError> {
        let start = Instant::now();
        let told = async {
            loop {
                match self.board.behind(votes) {
                    0 => return Ok(()),
                    behind if start.elapsed() > PATIENCE => {
                        let (viewers, seconds) = (self.board.viewers(), PATIENCE.as_secs());
                        return Err(FanOutError::Behind { behind, viewers, seconds });
                    }
                    _ => tokio::time::sleep(STEP).await,
                }
            }
        };
        let first = async {
            tokio::select! {
                told = told => told,
                // They end by themselves only where something is wrong.
                ended = &mut self.seen => ended.map_err(|_| FanOutError::Thread)?.map(drop),
            }
        };
        unless_interrupted(first).await?
    }

    /// Ends it: all connections, and what was seen over them.
    pub(super) async fn finish(self) -> Result<Seen, FanOutError> {
        drop(self.stop);
        self.seen.await.map_err(|_| FanOutError::Thread)?
    }
}

impl Crowded {
    async fn run(self, stopped: oneshot::Receiver<()>) -> Result<Seen, FanOutError> {
        let numbers = 0..self.audience.viewers;
        let mut viewers: FuturesUnordered<_> =
            numbers.map(|number| Viewer { number, crowd: &self }.watch()).collect();
        tokio::select! {
            Some(Err(error)) = viewers.next() => return Err(error),
            _ = stopped => {}
        }
        drop(viewers);
        Ok(Seen { tracks: self.tracks.take(), ledger: self.ledger.into_inner() })
    }
}
