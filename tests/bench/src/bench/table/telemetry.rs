//! What metrics and traces cost, a line an amount.

use std::fmt;

use super::{row, whole};
use crate::bench::report::{CostOfTelemetry, WithTelemetry};

impl fmt::Display for CostOfTelemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Votes while metrics are read and traces told, beside votes with neither by turns")?;
        let WithTelemetry { telemetry, accepted_per_second, cpu_us, .. } = &self.without;
        let rate = whole(*accepted_per_second);
        row(f, telemetry, format_args!("{rate} votes/s   {cpu_us:.1} us of gateway and aggregator a vote"))?;
        self.with.iter().try_for_each(|with| write!(f, "{with}"))
    }
}

impl fmt::Display for WithTelemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = |[least, median, most]: [f64; 3]| format!("{median:.3} of it ({least:.2} to {most:.2})");
        let (rate, ratios) = (whole(self.accepted_per_second), parts(self.ratios));
        writeln!(f, "  {}", self.telemetry)?;
        row(f, "", format_args!("{rate} votes/s, {ratios}"))?;
        row(f, "", format_args!("{:>12.1} us, {}", self.cpu_us, parts(self.cpu_ratios)))
    }
}
