//! The hub's feed: one subscription in Redis a watched poll, whatever its number of viewers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use pollster_shared::config::StartError;
use pollster_shared::counts::Counts;
use pollster_shared::database::DatabaseError;
use pollster_shared::keys;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::tallies;
use redis::RedisResult;
use redis::aio::{PubSubSink, PubSubStream};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::hub::Command;
use crate::app::App;

const RECONNECT: Duration = Duration::from_millis(250);
/// Polls read at once after a reconnect.
const BATCH: usize = 200;

/// The task that subscribes.
#[derive(Debug)]
pub(crate) struct Feed {
    client: redis::Client,
    commands: UnboundedReceiver<Command>,
}

impl Feed {
    pub(crate) fn new(url: &str, commands: UnboundedReceiver<Command>) -> Result<Self, StartError> {
        let client =
            redis::Client::open(url).map_err(|error| StartError::setting("REDIS_PUBSUB_URL", error))?;
        Ok(Self { client, commands })
    }

    /// Relays until the shutdown.
    pub(crate) async fn run(mut self, app: Arc<App>, shutdown: Shutdown) {
        let relay = async {
            loop {
                match self.connect(&app).await {
                    Ok((sink, messages)) => self.relay(&app, sink, messages).await,
                    Err(error) => tracing::warn!(%error, "subscribing to counts failed"),
                }
                tokio::time::sleep(RECONNECT).await;
            }
        };
        tokio::select! {
            () = relay => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Connects and subscribes to all watched polls, then reads their counts: what was published
    /// meanwhile was missed.
    async fn connect(&mut self, app: &Arc<App>) -> RedisResult<(PubSubSink, PubSubStream)> {
        let (mut sink, messages) = self.client.get_async_pubsub().await?.split();
        // What was commanded meanwhile is in the hub by now.
        while self.commands.try_recv().is_ok() {}
        let watched = app.hub.watched();
        for &poll_id in &watched {
            sink.subscribe(keys::updates(poll_id)).await?;
        }
        app.metrics.watched_polls.set(watched.len() as i64);
        for polls in watched.chunks(BATCH) {
            tokio::spawn(refresh(app.clone(), polls.to_vec()));
        }
        Ok((sink, messages))
    }

    /// Relays messages and follows commands until the connection is lost.
    async fn relay(&mut self, app: &Arc<App>, mut sink: PubSubSink, mut messages: PubSubStream) {
        loop {
            let followed = tokio::select! {
                message = messages.next() => match message {
                    Some(message) => relay_one(app, message.get_payload_bytes()),
                    None => return,
                },
                Some(command) = self.commands.recv() => follow(app, &mut sink, command).await,
            };
            if let Err(error) = followed {
                tracing::warn!(%error, "the subscription to counts failed");
                return;
            }
        }
    }
}

fn relay_one(app: &App, payload: &[u8]) -> RedisResult<()> {
    match serde_json::from_slice::<Counts>(payload) {
        Ok(counts) => app.hub.offer(&counts),
        Err(error) => tracing::warn!(%error, "published counts can't be read"),
    }
    Ok(())
}

async fn follow(app: &Arc<App>, sink: &mut PubSubSink, command: Command) -> RedisResult<()> {
    match command {
        Command::Watch(poll_id) => {
            sink.subscribe(keys::updates(poll_id)).await?;
            // Only now that nothing more can be missed.
            tokio::spawn(refresh(app.clone(), vec![poll_id]));
        }
        // A viewer may have come back before we got here.
        Command::Unwatch(poll_id) if app.hub.watched().contains(&poll_id) => {}
        Command::Unwatch(poll_id) => {
            sink.unsubscribe(keys::updates(poll_id)).await?;
        }
    }
    app.metrics.watched_polls.set(app.hub.watched().len() as i64);
    Ok(())
}

/// Offers the present counts of these polls to their viewers, from PostgreSQL, which is never behind.
async fn refresh(app: Arc<App>, poll_ids: Vec<Uuid>) {
    let read = async {
        let mut connection = app.pool.get().await?;
        Ok::<_, DatabaseError>(tallies::read(&mut connection, &poll_ids).await?)
    };
    match read.await {
        Ok(all) => all.iter().for_each(|counts| app.hub.offer(counts)),
        Err(error) => tracing::warn!(%error, "counts of watched polls can't be read"),
    }
}
