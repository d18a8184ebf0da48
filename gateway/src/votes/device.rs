//! Devices: an account that votes from many is more than one person, or none.

use std::time::Duration;

use moka::future::Cache;
use pollster_shared::devices::{self, Device};
use pollster_shared::vote::Voter;

use crate::error::ApiError;
use crate::request::Context;

const MAX_FINGERPRINT: usize = 128;
/// Devices of accounts that this process holds at once.
const CAPACITY: u64 = 100_000;
/// How long a device is held without asking Redis, which keeps the devices in use for a month.
const HELD: Duration = Duration::from_secs(3600);

/// Devices that are known to be their account's.
#[derive(Debug)]
pub(crate) struct Devices(Cache<(Voter, Device), ()>);

impl Default for Devices {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY).time_to_live(HELD).build())
    }
}

/// Checks that `voter`, an account, may vote from the device that the request names, if it names one.
///
/// # Errors
/// [`ApiError::Forbidden`] from one device too many.
pub(crate) async fn check(context: &Context, voter: Voter) -> Result<(), ApiError> {
    let app = &context.app;
    let Some(fingerprint) = fingerprint(context)? else { return Ok(()) };
    let device = Device::new(&app.secret, fingerprint);
    if app.devices.0.contains_key(&(voter, device)) {
        return Ok(());
    }
    match devices::note(&mut app.streams.clone(), voter, device).await {
        Ok(true) => app.devices.0.insert((voter, device), ()).await,
        Ok(false) => {
            tracing::warn!("an account votes from one device too many");
            return Err(ApiError::Forbidden("This account votes from too many devices."));
        }
        // A vote is worth more than this check.
        Err(error) => tracing::warn!(%error, "a device is not checked"),
    }
    Ok(())
}

fn fingerprint(context: &Context) -> Result<Option<&str>, ApiError> {
    match context.header("x-device-fingerprint")? {
        Some(text) if text.is_empty() || text.chars().count() > MAX_FINGERPRINT => {
            let detail = format!("X-Device-Fingerprint must be 1 to {MAX_FINGERPRINT} characters.");
            Err(ApiError::Malformed(detail))
        }
        text => Ok(text),
    }
}
