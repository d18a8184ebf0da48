//! How notifications are delivered.

use std::time::Duration;

use clap::Args;
use pollster_shared::config::parse_duration;
use pollster_shared::webhooks::WebhookConfig;

/// Attempts at a delivery before it is given up; with the pauses between them it takes 14 hours on average, 28 at
/// most.
const ATTEMPTS: i32 = 8;
/// By how much each pause is longer than the one before.
const FACTOR: u32 = 6;
const LONGEST_PAUSE: Duration = Duration::from_secs(12 * 3600);

/// How notifications are delivered.
#[derive(Debug, Clone, Args)]
pub struct NotifyConfig {
    /// Longest pause before a delivery that failed is tried again; each further one is six times as long, up to
    /// 12 hours
    #[arg(long, env = "NOTIFY_RETRY_BASE", default_value = "10s", value_parser = parse_duration)]
    pub notify_retry_base: Duration,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub webhooks: WebhookConfig,
}

/// When a delivery is tried again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retries {
    base: Duration,
}

impl Retries {
    pub(super) fn new(config: &NotifyConfig) -> Self {
        Self { base: config.notify_retry_base }
    }

    /// The longest pause after this attempt, counted from 1, failed; `None` after the last.
    pub(super) fn pause_after(self, attempt: i32) -> Option<Duration> {
        let exponent = u32::try_from(attempt - 1).unwrap_or_default();
        let pause = self.base.saturating_mul(FACTOR.saturating_pow(exponent));
        (attempt < ATTEMPTS).then_some(pause.min(LONGEST_PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_seconds_to_hours_and_end_after_about_a_day() {
        let retries = Retries { base: Duration::from_secs(10) };
        let pauses: Vec<u64> =
            (1..).map_while(|attempt| retries.pause_after(attempt)).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [10, 60, 360, 2160, 12_960, 43_200, 43_200]);
        // As after a lease ran out during the last attempt.
        assert_eq!(retries.pause_after(ATTEMPTS + 1), None);
    }
}
