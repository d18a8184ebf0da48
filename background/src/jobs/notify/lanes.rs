//! How much is under way at once: a lane a channel, so that none waits for another, and in that of the webhooks few
//! places a receiver, so that a slow one does not take them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_shared::notifications::deliveries::Channel;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

const IN_APP: usize = 16;
/// A mail server lets nobody have many connections.
const EMAIL: usize = 8;
const WEBHOOK: usize = 128;
/// Webhooks under way to one host.
const A_HOST: usize = 4;

/// The lanes.
#[derive(Debug)]
pub(super) struct Lanes {
    in_app: Arc<Semaphore>,
    email: Arc<Semaphore>,
    webhook: Arc<Semaphore>,
    hosts: Hosts,
}

/// How many webhooks are under way to each host.
type Hosts = Arc<Mutex<HashMap<String, usize>>>;

/// A place in a lane, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _lane: OwnedSemaphorePermit,
    _host: Option<HostPlace>,
}

#[derive(Debug)]
struct HostPlace {
    hosts: Hosts,
    host: String,
}

impl Default for Lanes {
    fn default() -> Self {
        let lane = |places| Arc::new(Semaphore::new(places));
        Self { in_app: lane(IN_APP), email: lane(EMAIL), webhook: lane(WEBHOOK), hosts: Hosts::default() }
    }
}

impl Lanes {
    /// Waits until a place in the channel's lane is free, and returns how many are; `None` if none is in time.
    pub(super) async fn free_places(&self, channel: Channel, until: Instant) -> Option<usize> {
        let lane = self.of(channel);
        let place = timeout_at(until, lane.acquire()).await.ok()?.ok()?;
        drop(place);
        Some(lane.available_permits().max(1))
    }

    /// Takes a place for the delivery, at `host` if it is a webhook's; `None` if none is free.
    pub(super) fn enter(&self, channel: Channel, host: Option<&str>) -> Option<Place> {
        let lane = self.of(channel).clone().try_acquire_owned().ok()?;
        let host = match host {
            Some(host) => Some(HostPlace::enter(&self.hosts, host)?),
            None => None,
        };
        Some(Place { _lane: lane, _host: host })
    }

    fn of(&self, channel: Channel) -> &Arc<Semaphore> {
        match channel {
            Channel::InApp => &self.in_app,
            Channel::Email => &self.email,
            Channel::Webhook => &self.webhook,
        }
    }
}

impl HostPlace {
    fn enter(hosts: &Hosts, host: &str) -> Option<Self> {
        let mut under_way = hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let at_host = under_way.entry(host.to_owned()).or_default();
        if *at_host >= A_HOST {
            return None;
        }
        *at_host += 1;
        Some(Self { hosts: hosts.clone(), host: host.to_owned() })
    }
}

impl Drop for HostPlace {
    fn drop(&mut self) {
        let mut under_way = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at_host) = under_way.get_mut(&self.host) {
            *at_host -= 1;
            if *at_host == 0 {
                under_way.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_host_takes_few_places_and_gives_them_back() {
        let lanes = Lanes::default();
        let enter = |host| lanes.enter(Channel::Webhook, Some(host));
        let mut places: Vec<Place> = (0..A_HOST).map(|_| enter("slow.example.org").unwrap()).collect();
        assert!(enter("slow.example.org").is_none());
        assert!(enter("other.example.org").is_some());
        assert!(lanes.enter(Channel::Email, None).is_some());
        places.pop();
        places.push(enter("slow.example.org").unwrap());
        places.clear();
        assert!(lanes.hosts.lock().unwrap().is_empty());
        assert_eq!(lanes.webhook.available_permits(), WEBHOOK);
    }
}
