//! One limit over all its keys: decided here, and told to the other gateways.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pollster_shared::limits::Usage;
use prometheus_client::metrics::counter::Counter;

use super::gcra::{Gcra, nanoseconds};
use super::table::{Slot, Table};

/// A key is shared from this part of its burst on.
const SHARED_PART: u64 = 10;
/// Keys that wait to be shared; beyond that one is queued with a later request of its.
const MAX_QUEUED: usize = 16_384;
/// A refusal that is logged is logged once in this time for a key.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// What a limit is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    /// Its name in headers, metrics and Redis.
    pub(super) name: &'static str,
    pub(super) quota: u32,
    pub(super) window: Duration,
    /// Whether refusals are logged.
    pub(super) is_logged: bool,
}

/// A limit with the state of its keys.
pub(super) struct Limiter {
    name: &'static str,
    window: Duration,
    gcra: Gcra,
    is_logged: bool,
    refused: Counter,
    state: Mutex<State>,
}

/// A limit while a request is decided on.
pub(super) type Held<'a> = MutexGuard<'a, State>;

pub(super) struct State {
    table: Table,
    /// Keys to be shared, each once.
    queue: Vec<u64>,
}

/// Where a key stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// Requests that would be let through at once.
    pub(super) remaining: u64,
    /// How long until it is one more.
    pub(super) next: Duration,
}

impl Limiter {
    /// The limiter, which counts its refusals in `refused`; `None` for a quota of 0.
    pub(super) fn new(definition: Definition, refused: Counter) -> Option<Self> {
        let Definition { name, quota, window, is_logged } = definition;
        let gcra = (quota > 0).then(|| Gcra::new(quota, window))?;
        let state = State { table: Table::new(), queue: Vec::with_capacity(MAX_QUEUED) };
        Some(Self { name, window, gcra, is_logged, refused, state: Mutex::new(state) })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn window(&self) -> Duration {
        self.window
    }

    /// Holds the limit until the request is decided on. Nobody else does: a gateway has one thread.
    pub(super) fn hold(&self) -> Held<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long `key` has to wait, if it may not now.
    pub(super) fn wait(&self, held: &Held<'_>, key: u64, now: u64) -> Option<Duration> {
        let tat = held.table.get(key).map_or(0, |slot| slot.tat);
        let refused = !self.gcra.conforms(tat, now);
        refused.then(|| Duration::from_nanos(self.gcra.until_next(tat, now)))
    }

    /// Counts a refusal of `key`.
    pub(super) fn refuse(&self, held: &mut Held<'_>, key: u64, now: u64) {
        self.refused.inc();
        let Some(slot) = held.table.get_mut(key).filter(|_| self.is_logged) else { return };
        let minute = (now / nanoseconds(LOG_INTERVAL) + 1) as u16;
        if std::mem::replace(&mut slot.logged_in_minute, minute) != minute {
            tracing::warn!(limit = self.name, "somebody is at a limit");
        }
    }

    /// Counts a request of `key` that is let through.
    pub(super) fn consume(&self, held: &mut Held<'_>, key: u64, now: u64) -> Left {
        let State { table, queue } = &mut **held;
        let slot = table.claim(key);
        self.forget_refilled(slot, now);
        slot.tat = self.gcra.after(slot.tat, now);
        slot.unshared_tat = self.gcra.after(slot.unshared_tat, now);
        slot.unshared = (slot.unshared + 1).min(self.gcra.quota());
        if !slot.is_queued && queue.len() < MAX_QUEUED && self.is_worth_sharing(slot, now) {
            slot.is_queued = true;
            queue.push(key);
        }
        Left {
            remaining: self.gcra.remaining(slot.tat, now),
            next: Duration::from_nanos(self.gcra.until_next(slot.tat, now)),
        }
    }

    /// Whether the other gateways should know: from a tenth of a burst on, owed or not told yet. Whoever
    /// stays below that on each of a few gateways is below the limit in all, or a little above it; and
    /// these are nearly all voters, who so cost Redis nothing. What is not told counts also where nothing
    /// is owed: a steady rate just within the limit leaves no debt here, but twice the limit on two gateways.
    fn is_worth_sharing(&self, slot: &Slot, now: u64) -> bool {
        (slot.tat - now) * SHARED_PART >= self.gcra.burst()
            || u64::from(slot.unshared) * SHARED_PART >= u64::from(self.gcra.quota())
    }

    /// What was let through longer than a window ago has refilled on any gateway.
    fn forget_refilled(&self, slot: &mut Slot, now: u64) {
        if slot.unshared_tat + self.gcra.burst() <= now {
            slot.unshared = 0;
        }
    }

    /// How many keys wait to be shared.
    pub(super) fn queued(&self) -> usize {
        self.hold().queue.len()
    }

    /// Takes up to `most` keys out of the queue, with what they used since they were last shared.
    pub(super) fn take(&self, most: usize, now: u64) -> Vec<Usage> {
        let State { table, queue } = &mut *self.hold();
        let keys = queue.drain(..most.min(queue.len()));
        keys.filter_map(|key| self.usage(table.get_mut(key)?, now)).collect()
    }

    fn usage(&self, slot: &mut Slot, now: u64) -> Option<Usage> {
        self.forget_refilled(slot, now);
        slot.is_queued = false;
        let requests = std::mem::take(&mut slot.unshared);
        let tat = std::mem::take(&mut slot.unshared_tat);
        (requests > 0).then(|| Usage {
            who: slot.key,
            cost: Duration::from_nanos(u64::from(requests) * self.gcra.interval()),
            alone: Duration::from_nanos(tat.saturating_sub(now)),
        })
    }

    /// Learns what `who` owed over all gateways at `asked_at`, when it was asked for.
    pub(super) fn learn(&self, who: u64, debt: Duration, asked_at: u64) {
        if let Some(slot) = self.hold().table.get_mut(who) {
            let meanwhile = u64::from(slot.unshared) * self.gcra.interval();
            slot.tat = slot.tat.max(asked_at + nanoseconds(debt) + meanwhile);
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("name", &self.name).field("gcra", &self.gcra).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
