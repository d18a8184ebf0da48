//! One large poll's archive.

use serde::Serialize;

/// What archiving one poll took.
#[derive(Debug, Clone, Serialize)]
pub struct Archive {
    /// Responses of the poll.
    pub rows: u32,
    /// From the moment it was due until it was verified and recorded.
    pub seconds: f64,
    /// Rows a second in that time.
    pub rows_per_second: f64,
    /// Bytes of all objects a row.
    pub bytes_a_row: f64,
    /// The most memory that the program had taken before, in KB.
    pub idle_peak_kb: u64,
    /// The most memory that it ever took, in KB.
    pub peak_kb: u64,
}
