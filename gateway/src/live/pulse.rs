//! One timer for all connections: when each is asked whether its viewer is there, when the answer is due,
//! and, as the gateway ends, when each is to go. All of it spread, so that no moment has all of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pollster_shared::shutdown::{Shutdown, TaskTracker, TaskTrackerToken};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::bell::{Bell, Call};
use super::roster::Roster;

/// How often each viewer is pinged.
const PING_EVERY: Duration = Duration::from_secs(25);
/// How long an answer may take.
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// How exactly all of this is kept.
const TICK: Duration = Duration::from_millis(100);
/// Ticks of a round, in each of which some are pinged.
const SLOTS: usize = (PING_EVERY.as_millis() / TICK.as_millis()) as usize;
/// Ticks from a ping until its answer is due.
const PONG_TICKS: usize = (PONG_WITHIN.as_millis() / TICK.as_millis()) as usize;
/// Places that follow each other lie so many slots apart: prime to their number, so that every slot gets
/// as many.
const STRIDE: usize = 97;
/// How many are asked to leave in a second: their next gateway has to take them all.
const LEAVE_PER_SECOND: u32 = 2000;

/// The timer, and everybody who goes by it.
#[derive(Debug)]
pub(crate) struct Pulse {
    slots: Vec<Roster>,
    joined: AtomicUsize,
    is_leaving: AtomicBool,
    connections: TaskTracker,
}

/// A connection that goes by the pulse; the drain waits for its drop.
#[derive(Debug)]
pub(crate) struct Beating {
    pulse: Arc<Pulse>,
    slot: usize,
    place: usize,
    _open: TaskTrackerToken,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            slots: std::iter::repeat_with(Roster::default).take(SLOTS).collect(),
            joined: AtomicUsize::default(),
            is_leaving: AtomicBool::default(),
            connections: TaskTracker::new(),
        }
    }
}

impl Pulse {
    /// Has `bell` rung from now on.
    pub(crate) fn join(self: &Arc<Self>, bell: Arc<Bell>) -> Beating {
        let slot = self.joined.fetch_add(1, Ordering::Relaxed).wrapping_mul(STRIDE) % SLOTS;
        let place = self.slots[slot].join(bell.clone());
        // Its turn to leave may have passed. Asked after it is entered: else that could happen in between.
        if self.is_leaving.load(Ordering::Relaxed) {
            bell.ring(Call::LEAVE);
        }
        Beating { pulse: self.clone(), slot, place, _open: self.connections.token() }
    }

    /// Rings until `ended`; once `shutdown` has come, for everybody to leave, within `at_most`.
    pub(crate) async fn run(self: Arc<Self>, shutdown: Shutdown, at_most: Duration, ended: Shutdown) {
        let run = async {
            tokio::select! {
                () = self.beat() => {}
                () = shutdown.cancelled() => self.send_away(at_most).await,
            }
            ended.cancelled().await;
        };
        tokio::select! {
            () = run => {}
            () = ended.cancelled() => {}
        }
    }

    /// Waits until everybody has left.
    pub(crate) async fn drained(&self) {
        self.connections.close();
        self.connections.wait().await;
    }

    async fn beat(&self) {
        let mut ticks = interval(TICK);
        // A tick that is late moves all that follow: nobody gets less time to answer.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for tick in 0.. {
            ticks.tick().await;
            self.slots[tick % SLOTS].ring(Call::PING).await;
            self.slots[(tick + SLOTS - PONG_TICKS) % SLOTS].ring(Call::PONG_DUE).await;
        }
    }

    async fn send_away(&self, at_most: Duration) {
        self.is_leaving.store(true, Ordering::Relaxed);
        let connections: usize = self.slots.iter().map(Roster::len).sum();
        let wanted =
            Duration::from_secs(1) * u32::try_from(connections).unwrap_or(u32::MAX) / LEAVE_PER_SECOND;
        let (start, pause) = (Instant::now(), wanted.min(at_most) / SLOTS as u32);
        for (turn, slot) in (0..).zip(&self.slots) {
            // Moments, not pauses, of which each would take a little longer than it is.
            sleep_until(start + pause * turn).await;
            slot.ring(Call::LEAVE).await;
        }
    }
}

impl Drop for Beating {
    fn drop(&mut self) {
        self.pulse.slots[self.slot].leave(self.place);
    }
}

#[cfg(test)]
mod tests;
