//! Keeps the lease on a poll while its archive is made, so that no other worker makes it at the same time.

use std::pin::pin;
use std::time::Duration;

use pollster_shared::archive::queue::{LEASE, Lease};
use pollster_shared::shutdown::Shutdown;

use super::{Archiver, Failure, GRACE};

/// Several tries before the lease ends.
const RENEWAL: Duration = Duration::from_secs(LEASE.as_secs() / 4);

/// Does `work` under the lease, and gives it back with the reason where the work fails. Work whose lease is lost ends
/// there; that of a program which is asked to end is given a few seconds to stop at a good place.
pub(super) async fn hold<T>(
    archiver: &Archiver,
    mut lease: Lease,
    shutdown: &Shutdown,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = pin!(work);
    let done = tokio::select! {
        done = &mut work => done,
        () = keep(archiver, &mut lease) => Err(Failure::Lost),
        () = shutdown.cancelled() => {
            tokio::time::timeout(GRACE, work).await.unwrap_or(Err(Failure::Interrupted))
        }
    };
    if let Err(failure) = &done {
        give_back(archiver, &lease, failure).await;
    }
    done
}

/// Renews the lease; returns once it is lost.
async fn keep(archiver: &Archiver, lease: &mut Lease) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let renewed = async { Ok::<_, Failure>(lease.renew(&mut *archiver.connection().await?).await?) };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => return,
            // Nobody can take it over while PostgreSQL is away.
            Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
        }
    }
}

/// The lease ends by itself where this fails.
async fn give_back(archiver: &Archiver, lease: &Lease, failure: &Failure) {
    let retry = failure.retry(lease.failures, jitter());
    let given_back = async {
        let mut connection = archiver.connection().await?;
        let put_off = lease.put_off(&mut connection, retry.delay, retry.failures, &retry.reason);
        Ok::<_, Failure>(put_off.await?)
    };
    if let Err(error) = given_back.await {
        tracing::warn!(%error, "a lease could not be given back");
    }
}

/// Anything from 0 to 1.
fn jitter() -> f64 {
    let (_, random) = uuid::Uuid::new_v4().as_u64_pair();
    (random % 1001) as f64 / 1000.0
}
