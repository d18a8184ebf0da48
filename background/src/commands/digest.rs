//! Records the digests of the last whole day or week, for who does not want to wait for the schedule.

use chrono::Utc;
use pollster_shared::config::{DeliveryConfig, HashSecretConfig, ServiceConfig};
use pollster_shared::digests::Period;
use pollster_shared::program::ProgramError;
use serde_json::json;

use crate::jobs::Context;
use crate::jobs::digests::{self, Composer};
use crate::output::Output;

/// Settings of `digest`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub hashing: HashSecretConfig,
    /// Address that links begin with
    #[arg(long, env = "PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    pub public_url: String,
    /// What the digests cover
    #[arg(long, value_enum)]
    pub period: Period,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
}

/// Records what is not recorded yet, and prints how much that was.
///
/// # Errors
/// Where a setting is bad, or PostgreSQL can't be reached; digests recorded before that stay.
pub async fn run(args: &Args) -> Result<(), ProgramError> {
    let context = Context::new(&args.service, DeliveryConfig::default())?;
    let composer = Composer::new(args.hashing.secret()?, &args.public_url);
    let span = args.period.last(Utc::now());
    let progress = args.output.progress("accounts", 0);
    let recorded = digests::record_all(&context, &composer, &span, &progress).await;
    progress.finish_and_clear();
    let recorded = recorded.map_err(|error| ProgramError::Failed(error.to_string()))?;
    let (period, from) = (args.period, span.from.date_naive());
    args.output.result(
        format!("{} digests from {from} on: {recorded} recorded", period.name()),
        &json!({"period": period, "from": span.from, "recorded": recorded}),
    );
    Ok(())
}
