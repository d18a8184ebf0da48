//! One large poll's archive.

use std::fmt;

use super::{row, whole};
use crate::bench::archive::RANDOM_BYTES;
use crate::bench::report::Archive;

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = whole(f64::from(self.rows));
        writeln!(f, "The archive of a poll of {} responses, {:.1} s", rows.trim(), self.seconds)?;
        row(f, "written, read back, verified", format_args!("{} rows/s", whole(self.rows_per_second)))?;
        let mib = |kb: u64| kb as f64 / 1024.0;
        let (peak, before) = (mib(self.peak_kb), mib(self.idle_peak_kb));
        row(f, "memory at most", format_args!("{peak:>12.1} MiB, {before:.1} before"))?;
        let beside = self.bytes_a_row - RANDOM_BYTES;
        row(f, "bytes a row", format_args!("{:>12.1}, {beside:.1} beside what is random", self.bytes_a_row))
    }
}
