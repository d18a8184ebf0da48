//! A viewer or reader at work, and what it has seen so far.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use pollster_integration::Counts;
use tokio::task::JoinHandle;

use super::scene::Scene;
use crate::history::{Sighting, Track};

/// What it has seen, as it writes it down.
#[derive(Debug, Clone)]
pub(super) struct Notes(Arc<Mutex<Track>>);

/// A viewer or reader that goes on until it is ended.
#[derive(Debug)]
pub(super) struct Watching {
    notes: Notes,
    task: JoinHandle<()>,
}

impl Notes {
    pub(super) fn connected(&self) {
        self.lock().connections += 1;
    }

    pub(super) fn poll(&self) -> usize {
        self.lock().poll
    }

    /// The newest version that it has.
    pub(super) fn version(&self) -> Option<i64> {
        self.lock().version()
    }

    /// Notes counts that a gateway has shown now.
    pub(super) fn saw(&self, scene: &Scene, gateway: usize, version: i64, counts: Counts, is_final: bool) {
        scene.progress.saw();
        let sighting = Sighting { at: Instant::now(), gateway, version, counts, is_final };
        self.lock().sightings.push(sighting);
    }

    fn lock(&self) -> MutexGuard<'_, Track> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Starts one that notes what it sees where it is told to.
    pub(super) fn start<F>(track: Track, watch: impl FnOnce(Notes) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let notes = Notes(Arc::new(Mutex::new(track)));
        let task = tokio::spawn(watch(notes.clone()));
        Self { notes, task }
    }

    pub(super) fn poll(&self) -> usize {
        self.notes.poll()
    }

    pub(super) fn version(&self) -> Option<i64> {
        self.notes.version()
    }

    /// Ends it; returns what it saw.
    pub(super) fn end(self) -> Track {
        self.task.abort();
        self.notes.lock().clone()
    }
}
