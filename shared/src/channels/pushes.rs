//! What a server pushes over one connection, on its way to the subscriber. The client library hands it on over a queue
//! without a bound, so it is bounded here.

use std::sync::Arc;

use redis::aio::{AsyncPushSender, SendError};
use redis::{ErrorKind, PushInfo, PushKind, RedisError};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::link::{LinkId, Report};

/// Messages that may wait to be taken: some megabytes at some hundred bytes each. Where more are published than can be
/// followed, the connection is given up, as the server does at its own bound (`client-output-buffer-limit pubsub`):
/// who watches reads the newest counts once it stands again, and is spared those between.
const WAITING: usize = 10_000;

/// Passes on what is pushed over a connection.
#[derive(Debug)]
pub(super) struct Pushes {
    link: LinkId,
    reports: UnboundedSender<Report>,
    places: Arc<Semaphore>,
}

/// A message's place, until it is taken. What confirms a subscription needs none: there is one a topic.
#[derive(Debug)]
#[allow(dead_code, reason = "held for its drop")]
pub(super) struct Place(Option<OwnedSemaphorePermit>);

impl Pushes {
    pub(super) fn new(link: LinkId, reports: UnboundedSender<Report>) -> Self {
        Self { link, reports, places: Arc::new(Semaphore::new(WAITING)) }
    }

    fn give_up(&self) {
        if !self.places.is_closed() {
            self.places.close();
            let error = RedisError::from((ErrorKind::Client, "more is published than can be followed"));
            self.report(Report::Lost(self.link, error));
        }
    }

    fn report(&self, report: Report) {
        // Nobody listens once the subscriber is gone.
        let _ = self.reports.send(report);
    }
}

impl AsyncPushSender for Pushes {
    /// Reports what was pushed; instead of one message too many that the connection is lost, and of those after it
    /// nothing.
    fn send(&self, push: PushInfo) -> Result<(), SendError> {
        let is_message = matches!(push.kind, PushKind::Message | PushKind::SMessage);
        match is_message.then(|| self.places.clone().try_acquire_owned()).transpose() {
            Ok(place) => self.report(Report::Pushed(self.link, push, Place(place))),
            Err(_) => self.give_up(),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;

    fn pushes() -> (Pushes, UnboundedReceiver<Report>) {
        let (reports, reported) = unbounded_channel();
        (Pushes::new(7, reports), reported)
    }

    fn push(pushes: &Pushes, kind: PushKind, times: usize) {
        (0..times).for_each(|_| pushes.send(PushInfo { kind: kind.clone(), data: Vec::new() }).unwrap());
    }

    /// Takes all that was reported: the number of pushes, and of losses.
    fn taken(reported: &mut UnboundedReceiver<Report>) -> (usize, usize) {
        let reports: Vec<Report> = std::iter::from_fn(|| reported.try_recv().ok()).collect();
        let lost = reports.iter().filter(|report| matches!(report, Report::Lost(7, _))).count();
        (reports.len() - lost, lost)
    }

    #[test]
    fn who_does_not_keep_up_loses_the_connection_once_and_no_memory() {
        let (pushes, mut reported) = pushes();
        push(&pushes, PushKind::Message, WAITING);
        push(&pushes, PushKind::SMessage, WAITING);
        assert_eq!(taken(&mut reported), (WAITING, 1));
        push(&pushes, PushKind::Message, 5);
        assert_eq!(taken(&mut reported), (0, 0), "what came over it afterwards is not to be relied on");
    }

    #[test]
    fn who_keeps_up_loses_nothing() {
        let (pushes, mut reported) = pushes();
        for _ in 0..3 {
            push(&pushes, PushKind::Message, WAITING);
            assert_eq!(taken(&mut reported), (WAITING, 0));
        }
    }

    #[test]
    fn subscriptions_are_confirmed_however_many_messages_wait() {
        let (pushes, mut reported) = pushes();
        push(&pushes, PushKind::Message, WAITING);
        push(&pushes, PushKind::Subscribe, 3);
        assert_eq!(taken(&mut reported), (WAITING + 3, 0));
    }
}
