//! Votes while Redis is gone: this gateway commits them to PostgreSQL itself, in batches, one at a time.
//!
//! A vote whose way into the stream failed comes here under the same digest: should it be in the stream after all, it
//! is counted once.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::responses::direct::{self, DirectCast};
use pollster_shared::responses::is_own_fault;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::accept::Outcome;
use pollster_shared::tallies;
use pollster_shared::vote::Cast;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;

/// Votes that wait to be committed, a few seconds' worth; more are refused.
const CAPACITY: usize = 4096;
/// Votes committed together: some tens of milliseconds of PostgreSQL's time.
const BATCH: usize = 500;
/// How often a batch is tried before its voters are told that the outcome is unknown.
const ATTEMPTS: u32 = 5;
/// Between two attempts.
const RETRY: Duration = Duration::from_millis(100);

type Decided = Result<Outcome, ApiError>;

/// A vote on its way, and who waits for what becomes of it.
#[derive(Debug)]
struct Waiting {
    cast: DirectCast,
    decided: oneshot::Sender<Decided>,
}

/// Where votes are handed in.
#[derive(Debug, Clone)]
pub(crate) struct DirectVotes(mpsc::Sender<Waiting>);

/// The task that commits them.
#[derive(Debug)]
pub(crate) struct DirectCommitter(mpsc::Receiver<Waiting>);

/// A way for votes past Redis.
pub(crate) fn open() -> (DirectVotes, DirectCommitter) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    (DirectVotes(sender), DirectCommitter(receiver))
}

impl DirectVotes {
    /// Decides on the vote, which counts once this returns `Accepted`.
    ///
    /// # Errors
    /// [`ApiError::Unavailable`] where PostgreSQL fails too, or more votes wait than can be committed in time.
    pub(super) async fn commit(&self, poll: &Poll, cast: &Cast, keyed: bool) -> Decided {
        let (decided, outcome) = oneshot::channel();
        let waiting = Waiting { cast: DirectCast::new(poll, cast, keyed), decided };
        self.0.try_send(waiting).map_err(|_| ApiError::Unavailable)?;
        outcome.await.unwrap_or(Err(ApiError::Unavailable))
    }
}

impl DirectCommitter {
    /// Commits what comes in until the shutdown, which comes after the last request was answered.
    pub(crate) async fn run(mut self, app: Arc<App>, shutdown: Shutdown) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let received = tokio::select! {
                    received = self.0.recv() => received,
                    () = shutdown.cancelled() => return,
                };
                waiting.extend(received);
            }
            while waiting.len() < CAPACITY
                && let Ok(more) = self.0.try_recv()
            {
                waiting.push_back(more);
            }
            commit(&app, take_batch(&mut waiting)).await;
        }
    }
}

/// Takes the first votes of which no two are of one voter, or of one address that may vote once. The others keep their
/// order.
fn take_batch(waiting: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let (mut batch, mut left) = (Vec::new(), VecDeque::with_capacity(waiting.len()));
    let mut seen = HashSet::new();
    for vote in waiting.drain(..) {
        let is_first = vote.cast.once().all(|once| !seen.contains(&once));
        // What waits for an earlier vote holds up what waits for it.
        seen.extend(vote.cast.once());
        if is_first && batch.len() < BATCH {
            batch.push(vote);
        } else {
            left.push_back(vote);
        }
    }
    *waiting = left;
    batch
}

async fn commit(app: &App, batch: Vec<Waiting>) {
    let (casts, decided): (Vec<DirectCast>, Vec<_>) =
        batch.into_iter().map(|vote| (vote.cast, vote.decided)).unzip();
    let outcomes: Vec<Decided> = match decide(app, &casts).await {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        Err(DatabaseError::Query(error)) if is_own_fault(&error) => decide_one_by_one(app, &casts).await,
        Err(error) => {
            tracing::warn!(%error, votes = casts.len(), "votes could not be committed directly");
            casts.iter().map(|_| Err(ApiError::Unavailable)).collect()
        }
    };
    let mut counted: Vec<Uuid> = Vec::new();
    for ((cast, decided), outcome) in casts.iter().zip(decided).zip(outcomes) {
        if matches!(outcome, Ok(Outcome::Accepted)) && !counted.contains(&cast.poll_id()) {
            counted.push(cast.poll_id());
        }
        // Who has gone away finds out when it asks again.
        let _ = decided.send(outcome);
    }
    show(app, &counted).await;
}

/// One vote's data are at fault: it alone shall fail.
async fn decide_one_by_one(app: &App, casts: &[DirectCast]) -> Vec<Decided> {
    let mut outcomes = Vec::with_capacity(casts.len());
    for cast in casts {
        let decided = decide(app, std::slice::from_ref(cast)).await;
        outcomes.push(decided.map(|mut outcomes| outcomes.swap_remove(0)).map_err(|error| match error {
            DatabaseError::Query(error) if is_own_fault(&error) => {
                tracing::error!(%error, "a vote can't be committed");
                ApiError::Internal
            }
            error => error.into(),
        }));
    }
    outcomes
}

/// Tries again what a lost connection or a deadlock ended.
async fn decide(app: &App, casts: &[DirectCast]) -> Result<Vec<Outcome>, DatabaseError> {
    let mut attempt = 1;
    loop {
        let decided = async {
            let mut connection = app.pool.get().await?;
            Ok(direct::commit(&mut connection, casts, &app.config.milestones.milestones).await?)
        };
        match decided.await {
            Err(DatabaseError::Query(error)) if attempt < ATTEMPTS && !is_own_fault(&error) => {
                tracing::warn!(%error, votes = casts.len(), "a direct commit is tried again");
                tokio::time::sleep(RETRY).await;
                attempt += 1;
            }
            decided => return decided,
        }
    }
}

/// Shows the new counts to those who watch the polls here; who watches elsewhere sees them a few seconds later.
async fn show(app: &App, poll_ids: &[Uuid]) {
    let watched: Vec<Uuid> =
        poll_ids.iter().copied().filter(|&poll_id| app.hub.is_watched(poll_id)).collect();
    if watched.is_empty() {
        return;
    }
    let counts = async {
        let mut connection = app.pool.get().await?;
        Ok::<_, DatabaseError>(tallies::read(&mut connection, &watched).await?)
    };
    match counts.await {
        Ok(counts) => counts.into_iter().for_each(|counts| app.hub.offer(counts)),
        Err(error) => tracing::warn!(%error, "counts of direct votes are shown later"),
    }
}
