//! Topologies, a line each.

use std::fmt;

use super::{row, whole};
use crate::bench::report::TopologyRates;

/// What stands above the lines.
pub(super) fn write_head(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "Votes by topology, beside one Redis and one PostgreSQL by turns")
}

impl fmt::Display for TopologyRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rate, single) = (whole(self.accepted_per_second), whole(self.single_per_second));
        let [least, median, most] = self.ratios;
        let ratios = format!("{median:.2} of {} ({least:.2} to {most:.2})", single.trim());
        let latency = format!("p50 {:.1} ms   p99 {:.1} ms", self.p50_ms, self.p99_ms);
        row(f, &self.topology, format_args!("{rate} votes/s   {ratios}   {latency}"))?;
        match self.failed {
            0 => Ok(()),
            failed => row(f, "", format_args!("{} not accepted", whole(failed as f64))),
        }
    }
}
