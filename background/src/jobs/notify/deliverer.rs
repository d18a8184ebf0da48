//! Makes deliveries that were claimed, many at once, and marks what became of each.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::config::StartError;
use pollster_shared::database::DatabaseError;
use pollster_shared::mail::Mailer;
use pollster_shared::notifications::deliveries::{self, Channel, Delivery};
use pollster_shared::queues::{self, Notify, Queue};
use pollster_shared::shutdown::TaskTracker;
use pollster_shared::vote::HashSecret;
use prometheus_client::registry::Registry;
use tokio::time::{Instant, timeout};

use super::config::Retries;
use super::email::Email;
use super::in_app::InApp;
use super::lanes::Lanes;
use super::mark::Mark;
use super::metrics::Metrics;
use super::sent::{Failure, Sent};
use super::webhook::Webhooks;
use crate::cli::Config;
use crate::jobs::{Context, JobError};

/// After about this time, what there was no place for is looked at again.
const PUT_OFF: Duration = Duration::from_secs(2);
/// What is not finished so long after the shutdown comes due again.
const DRAIN: Duration = Duration::from_secs(15);

/// Makes deliveries.
#[derive(Debug)]
pub(crate) struct Deliverer {
    in_app: InApp,
    email: Email,
    webhooks: Webhooks,
    retries: Retries,
    lanes: Lanes,
    metrics: Metrics,
    under_way: TaskTracker,
}

impl Deliverer {
    /// Delivers as configured.
    ///
    /// # Errors
    /// Where a setting is bad.
    pub(crate) fn new(config: &Config, secret: &HashSecret) -> Result<Self, StartError> {
        Ok(Self {
            in_app: InApp::new(secret),
            email: Email::new(Mailer::new(&config.mail)?, &config.public_url),
            webhooks: Webhooks::new(&config.notify.webhooks),
            retries: Retries::new(&config.notify),
            lanes: Lanes::default(),
            metrics: Metrics::default(),
            under_way: TaskTracker::new(),
        })
    }

    /// Names its metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// Finishes what is under way, when nothing is taken any more.
    pub(crate) async fn drain(&self) {
        self.under_way.close();
        if timeout(DRAIN, self.under_way.wait()).await.is_err() {
            tracing::warn!(deliveries = self.under_way.len(), "deliveries under way are left to others");
        }
    }

    /// Waits until a delivery of this channel could be made, and returns how many could; `None` if none in time.
    pub(super) async fn free_places(&self, channel: Channel, until: Instant) -> Option<usize> {
        self.lanes.free_places(channel, until).await
    }

    /// Starts on deliveries that were claimed, each in a task of its own. Those that there is no place for come due
    /// again soon.
    pub(super) async fn take(
        self: &Arc<Self>,
        context: &Context,
        claimed: Vec<Delivery>,
    ) -> Result<(), JobError> {
        let mut put_off = Vec::new();
        for delivery in claimed {
            match self.lanes.enter(delivery.channel, self.webhooks.host(&delivery).as_deref()) {
                Some(place) => {
                    let (deliverer, context) = (self.clone(), context.clone());
                    self.under_way.spawn(async move {
                        deliverer.deliver(&context, &delivery).await;
                        drop(place);
                    });
                }
                None => put_off.push(delivery.id),
            }
        }
        if put_off.is_empty() {
            return Ok(());
        }
        let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
        Ok(deliveries::put_off(&mut connection, &put_off, PUT_OFF).await?)
    }

    /// Makes one attempt, and marks what became of it.
    async fn deliver(&self, context: &Context, delivery: &Delivery) {
        let sent = match delivery.channel {
            Channel::InApp => self.in_app.send(context, delivery).await,
            Channel::Email => self.email.send(delivery).await,
            Channel::Webhook => self.webhooks.send(delivery).await,
        };
        let outcome = match sent {
            Ok(Sent::Delivered) => {
                Mark::Delivered.record(&context.pool, delivery).await;
                "delivered"
            }
            Ok(Sent::Withdrawn) => {
                Mark::Withdrawn.record(&context.pool, delivery).await;
                "withdrawn"
            }
            Err(failure) => self.fail(context, delivery, &failure).await,
        };
        self.metrics.count(&delivery.notification.r#type, outcome);
    }

    /// Has it tried again later, or gives it up.
    async fn fail(&self, context: &Context, delivery: &Delivery, failure: &Failure) -> &'static str {
        let Failure { error, is_for_good } = failure;
        let notification_id = delivery.notification.notification_id;
        let (channel, attempt) = (delivery.channel.name(), delivery.attempt);
        match self.retries.pause_after(attempt).filter(|_| !is_for_good) {
            Some(pause) => {
                tracing::info!(%notification_id, channel, attempt, error, "a delivery failed");
                Mark::Failed(error, pause).record(&context.pool, delivery).await;
                "failed"
            }
            None => {
                tracing::warn!(%notification_id, channel, attempt, error, "a delivery is given up");
                self.give_up(context, delivery, error).await
            }
        }
    }

    /// The dead letter comes first: should we die in between, there are two, where else there were none.
    async fn give_up(&self, context: &Context, delivery: &Delivery, error: &str) -> &'static str {
        let notification_id = delivery.notification.notification_id;
        let mut streams = context.streams.clone();
        let attempts = delivery.attempt.unsigned_abs();
        let described = format!("{}: {error}", delivery.channel.name());
        let event = Notify { notification_id };
        match queues::set_aside(&mut streams, &event, &described, attempts).await {
            Ok(()) => {
                context.metrics.set_aside(Queue::Notifications);
                Mark::GivenUp(error).record(&context.pool, delivery).await;
                "given_up"
            }
            Err(error) => {
                // It stays claimed, and once that has run out it is tried again.
                tracing::warn!(%notification_id, %error, "a dead letter could not be written");
                "failed"
            }
        }
    }
}
