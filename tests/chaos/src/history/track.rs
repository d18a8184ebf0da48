//! What one viewer or reader of a poll saw, in its order.

use std::time::Instant;

use pollster_integration::Counts;

/// Counts that a client was shown.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// When.
    pub at: Instant,
    /// The gateway that showed them, by its number.
    pub gateway: usize,
    /// Their version.
    pub version: i64,
    /// The counts.
    pub counts: Counts,
    /// Whether they were said to be final.
    pub is_final: bool,
}

/// What one client saw of one poll.
#[derive(Debug, Clone)]
pub struct Track {
    /// Who it is, for people: "viewer 3".
    pub client: String,
    /// The poll, by its place.
    pub poll: usize,
    /// All that it saw.
    pub sightings: Vec<Sighting>,
    /// How often it connected.
    pub connections: usize,
}

impl Track {
    /// Of a client that saw nothing yet.
    pub fn new(client: String, poll: usize) -> Self {
        Self { client, poll, sightings: Vec::new(), connections: 0 }
    }

    /// The newest version seen.
    pub fn version(&self) -> Option<i64> {
        self.sightings.iter().map(|sighting| sighting.version).max()
    }
}
