//! Calls webhooks, as Standard Webhooks 1.0 says (<https://www.standardwebhooks.com>).

mod connector;
mod message;

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use pollster_shared::networks::Networks;
use pollster_shared::notifications::deliveries::Delivery;
use pollster_shared::webhooks::{Target, WebhookConfig};
use tokio::time::timeout;

use super::sent::{Failure, Sent};
use connector::{ConnectError, Connector};

/// How long a receiver may take to answer, from the first step on.
const WITHIN: Duration = Duration::from_secs(15);
/// What is read of an answer's body, out of courtesy, and for how long.
const MAX_ANSWER: usize = 4 * 1024;
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// What calls webhooks.
pub(super) struct Webhooks {
    client: legacy::Client<HttpsConnector<Connector>, Full<Bytes>>,
    allowed: Networks,
}

impl Webhooks {
    pub(super) fn new(config: &WebhookConfig) -> Self {
        let allowed = config.webhook_allowed_networks.clone();
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector::new(allowed.clone()));
        // A connection a call: calls of one receiver are rare.
        let client = legacy::Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { client, allowed }
    }

    /// The host that a delivery calls, if it calls any.
    pub(super) fn host(&self, delivery: &Delivery) -> Option<String> {
        let webhook = delivery.webhook.as_ref()?;
        Some(Target::parse(&webhook.url, &self.allowed).ok()?.host().to_owned())
    }

    /// Makes one attempt.
    pub(super) async fn send(&self, delivery: &Delivery) -> Result<Sent, Failure> {
        let Some(webhook) = &delivery.webhook else { return Ok(Sent::Withdrawn) };
        // What was allowed when it was made may not be any more.
        let target = Target::parse(&webhook.url, &self.allowed)
            .map_err(|error| Failure::for_now(format!("its URL {error}")))?;
        let request = message::request(delivery, webhook, &target)
            .map_err(|_| Failure::for_good("its call can't be written"))?;
        let answer = timeout(WITHIN, self.client.request(request));
        match answer.await {
            Ok(Ok(answer)) => verdict(read(answer).await),
            Ok(Err(error)) => Err(Failure::for_now(describe(&error))),
            Err(_) => Err(Failure::for_now("it did not answer in time")),
        }
    }
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhooks(…)")
    }
}

/// The status of an answer, once so much of its body is read as anybody needs to write.
async fn read(answer: Response<Incoming>) -> StatusCode {
    let status = answer.status();
    let _ = timeout(ANSWER_WITHIN, Limited::new(answer.into_body(), MAX_ANSWER).collect()).await;
    status
}

/// What the standard makes of a status. Redirects are not followed: whoever may answer for a receiver need not be
/// allowed to send its calls elsewhere.
fn verdict(status: StatusCode) -> Result<Sent, Failure> {
    let error = format!("it answered {}", status.as_u16());
    match status {
        status if status.is_success() => Ok(Sent::Delivered),
        StatusCode::GONE => Err(Failure::for_good(error)),
        _ => Err(Failure::for_now(error)),
    }
}

/// The error without what it may quote.
fn describe(error: &legacy::Error) -> String {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    match causes.find_map(|cause| cause.downcast_ref::<ConnectError>()) {
        Some(error) => error.to_string(),
        None if error.is_connect() => "no encrypted connection".to_owned(),
        None => "the connection ended before the answer".to_owned(),
    }
}
