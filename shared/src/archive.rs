//! The archive: a closed poll's responses as Parquet, with a manifest, in object storage.
//!
//! ```text
//! polls/<poll_id>/responses-00000.parquet   each voter's latest event
//! polls/<poll_id>/changes-00000.parquet     the events before it, where votes may be changed
//! polls/<poll_id>/manifest.json             written last: definition, final counts, and the hash of each part
//! ```
//! PostgreSQL holds the manifest's hash ([`find`]), so what [`open`] returns is what was recorded. Rows are read a
//! row group at a time ([`events`]) with their number checked; [`verify`] also checks the hash of every object
//! and counts the votes anew.

mod columns;
mod config;
mod error;
mod hash;
mod key;
mod manifest;
mod presence;
mod progress;
pub mod queue;
mod reader;
mod records;
mod store;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use config::ArchiveConfig;
pub use error::ArchiveError;
pub use hash::{Fingerprint, Hash};
pub use key::Key;
pub use manifest::{Manifest, Part, open};
pub use presence::present;
pub use progress::{WrittenPart, add_part, forget_parts, written_parts};
pub use reader::events;
pub use records::{Recorded, begin_again, find, record};
pub use store::Store;
pub use verify::{difference, verify};
pub use writer::{PART_ROWS, PartWriter, ROW_GROUP_ROWS};
