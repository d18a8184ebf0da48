//! Viewer counts: how many watch a poll, at all gateways together. Each reports its own numbers every few
//! seconds and learns the sums from the answers: approximate, and cheap however many viewers there are.

mod reported;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::viewers::report;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::frame::Frame;
use super::watch::{ViewerCount, Watch};
use crate::app::App;
use reported::Reported;

/// How often is looked for what to report: how soon first viewers are counted.
const ROUND: Duration = Duration::from_secs(1);
/// How often a poll's viewers are reported, and at most told their number.
const EVERY: Duration = Duration::from_secs(5);
/// Reports on their way at once: they share writes to Redis, and leave it time for votes in between.
const CONCURRENT: usize = 64;
/// How long the gateway's end may be held up so that its viewers are gone at once; without that they expire.
const WITHDRAW_WITHIN: Duration = Duration::from_secs(1);

/// The message.
#[derive(Serialize)]
#[serde(tag = "type", rename = "viewers")]
struct Viewers {
    poll_id: Uuid,
    count: u64,
}

/// Counts viewers until `end`; from then on those of this gateway count no more.
pub(crate) async fn count_viewers(app: Arc<App>, end: Shutdown) {
    let gateway = Uuid::new_v4();
    let mut reported = Reported::default();
    let rounds = async {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let now = rounds.tick().await;
            let audiences = app.hub.audiences();
            withdraw(&app, gateway, reported.take_ended(&audiences)).await;
            let due = reported.take_due(audiences, now);
            stream::iter(due).for_each_concurrent(CONCURRENT, |watch| count(&app, gateway, watch)).await;
        }
    };
    end.run_until_cancelled(rounds).await;
    if timeout(WITHDRAW_WITHIN, withdraw(&app, gateway, reported.take_all())).await.is_err() {
        tracing::debug!("viewers of this gateway count until they expire");
    }
}

/// Reports a poll's viewers here, and tells them how many watch it at all gateways.
async fn count(app: &App, gateway: Uuid, watch: Arc<Watch>) {
    let viewers = watch.viewers() as u64;
    if viewers == 0 {
        // They left in this very round: there is nobody to tell, and the next one withdraws them.
        return;
    }
    match report(&mut app.aggregates.clone(), watch.poll_id, gateway, viewers).await {
        Ok(count) if is_news(watch.viewer_count().map(|told| told.count), count) => {
            watch.tell_viewer_count(viewer_count(watch.poll_id, count)).await;
        }
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "viewers are not reported"),
    }
}

/// Reports that nobody watches these polls here any more.
async fn withdraw(app: &App, gateway: Uuid, poll_ids: Vec<Uuid>) {
    let withdrawals = stream::iter(poll_ids).for_each_concurrent(CONCURRENT, |poll_id| async move {
        if let Err(error) = report(&mut app.aggregates.clone(), poll_id, gateway, 0).await {
            tracing::debug!(%error, "viewers that left are not withdrawn");
        }
    });
    withdrawals.await;
}

/// Whether viewers who were told one number are to be told another. Below a hundred each viewer counts; of
/// many thousands nobody wants to hear of each, and it would cost a frame a viewer.
fn is_news(told: Option<u64>, count: u64) -> bool {
    told.is_none_or(|told| told.abs_diff(count) > told / 100)
}

fn viewer_count(poll_id: Uuid, count: u64) -> ViewerCount {
    ViewerCount { count, frame: Frame::new("viewers", None, &Viewers { poll_id, count }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_viewer_is_news_among_few_and_a_hundredth_among_many() {
        let is_news = |told, count| is_news(Some(told), count);
        assert!(is_news(1, 2) && is_news(2, 1) && is_news(99, 98) && is_news(99, 100));
        assert!(!is_news(7, 7) && !is_news(15_000, 15_000));
        assert!(!is_news(15_000, 15_150) && !is_news(15_000, 14_850));
        assert!(is_news(15_000, 15_151) && is_news(15_000, 14_849));
    }

    #[test]
    fn the_first_number_is_news() {
        assert!(is_news(None, 1) && is_news(None, 15_000));
    }
}
