//! Passwords are hashed by a few threads of their own, of lower priority and behind a bounded queue: each hash
//! is meant to be dear, and however many people sign in, votes are not to wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, available_parallelism};

use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::password::Password;
use crate::error::ApiError;

/// Argon2id's cost, the second of the OWASP Password Storage Cheat Sheet's equivalent choices: memory in KiB,
/// iterations, lanes.
const MEMORY: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
/// What is verified where there is no account: the same work for the same answer. No password has this hash.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Passwords that may wait before more are refused: some seconds' work.
const QUEUE: usize = 32;
/// Nice value of the threads; 19 is the lowest priority (`man 2 setpriority`).
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and verifies passwords.
#[derive(Debug)]
pub(crate) struct Hasher {
    jobs: Sender<Job>,
    /// In the queue, and in the threads' hands.
    places: Arc<Semaphore>,
    /// Hashes computed.
    hashes: Counter,
}

/// A place in the queue, kept until the work is done or given up.
#[derive(Debug)]
#[allow(dead_code, reason = "held for its drop")]
pub(super) struct Place(OwnedSemaphorePermit);

impl Hasher {
    /// Starts the threads: half as many as there are processors.
    ///
    /// # Panics
    /// Where the system gives no thread.
    pub(crate) fn start(hashes: Counter) -> Self {
        let threads = available_parallelism().map_or(1, |processors| processors.get() / 2).max(1);
        Self::with(threads, QUEUE, hashes)
    }

    fn with(threads: usize, queue: usize, hashes: Counter) -> Self {
        // Bounded by the places.
        let (jobs, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = waiting.clone();
            thread::Builder::new()
                .name("passwords".to_owned())
                .spawn(move || work(&waiting))
                .unwrap_or_else(|error| panic!("no thread for passwords: {error}"));
        }
        Self { jobs, places: Arc::new(Semaphore::new(threads + queue)), hashes }
    }

    /// Takes a place in the queue, before other work is done that would be in vain without one.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] where too many wait.
    pub(super) fn reserve(&self) -> Result<Place, ApiError> {
        self.places.clone().try_acquire_owned().map(Place).map_err(|_| ApiError::Overloaded)
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] where too many wait.
    pub(super) async fn hash(&self, password: Password) -> Result<String, ApiError> {
        let hashed = self.run(self.reserve()?, move || {
            argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        });
        hashed.await?.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            ApiError::Internal
        })
    }

    /// Whether the password has this hash; never without one, after the same work.
    ///
    /// # Errors
    /// [`ApiError::Internal`] where it panics.
    pub(super) async fn verify(
        &self,
        place: Place,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let verified = self.run(place, move || argon2().verify_password(password.as_bytes(), hash.as_str()));
        match verified.await? {
            Ok(()) => Ok(is_somebody),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(error) => {
                tracing::error!(%error, "a stored password hash can't be read");
                Ok(false)
            }
        }
    }

    /// Queues work and waits for it. Whoever stops waiting leaves nothing but an entry that is passed over.
    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        let hashes = self.hashes.clone();
        let job = Box::new(move || {
            let _place = place;
            if !answer.is_closed() {
                hashes.inc();
                let _ = answer.send(work());
            }
        });
        self.jobs.send(job).map_err(|_| ApiError::Internal)?;
        answered.await.map_err(|_| ApiError::Internal)
    }
}

/// Does what is queued until the hasher is gone.
fn work(waiting: &Mutex<Receiver<Job>>) {
    // Linux keeps a nice value a thread; `None` is the calling one. Refused or not, the work is done.
    let _ = rustix::process::setpriority_process(None, NICE);
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

fn argon2() -> Argon2<'static> {
    let parameters = Params::new(MEMORY, ITERATIONS, LANES, None);
    let parameters = parameters.unwrap_or_else(|error| unreachable!("they are in bounds: {error}"));
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
}

#[cfg(test)]
mod tests;
