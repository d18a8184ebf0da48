//! Reads metrics as Prometheus does, but more often.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use hyper::StatusCode;

use crate::bench::run::Error;
use crate::client::Client;

/// Prometheus asks every 15 s by our configuration.
const PERIOD: Duration = Duration::from_secs(1);

/// Reads the metrics of each of `admins` until `work` is done.
pub(super) async fn during<T, E: Into<Error>>(
    admins: &[SocketAddr],
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    let scraping = async { join_all(admins.iter().map(|admin| scrape(*admin))).await.into_iter().next() };
    match select(Box::pin(work), Box::pin(scraping)).await {
        Either::Left((done, _)) => done.map_err(Into::into),
        Either::Right((Some(error), _)) => Err(error),
        Either::Right((None, work)) => work.await.map_err(Into::into),
    }
}

/// Reads them again and again, until that fails.
async fn scrape(admin: SocketAddr) -> Error {
    let mut client = Client::new(admin);
    loop {
        match client.get("/metrics").await.and_then(|reply| reply.expect(StatusCode::OK)) {
            Ok(_) => tokio::time::sleep(PERIOD).await,
            Err(error) => return error.into(),
        }
    }
}
