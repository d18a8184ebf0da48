//! Devices: an account that votes from many is more than one person, or none.

use std::time::Duration;

use moka::future::Cache;
use pollster_shared::devices::{self, Device};
use pollster_shared::vote::{HashSecret, Voter};

use super::sender::Sender;
use crate::error::ApiError;

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

/// The device with this fingerprint, as a client sent it.
///
/// # Errors
/// [`ApiError::Malformed`] where it is empty or too long.
pub(super) fn named(secret: &HashSecret, fingerprint: Option<&str>) -> Result<Option<Device>, ApiError> {
    match fingerprint {
        Some(text) if text.is_empty() || text.chars().count() > MAX_FINGERPRINT => {
            let detail = format!("X-Device-Fingerprint must be 1 to {MAX_FINGERPRINT} characters.");
            Err(ApiError::Malformed(detail))
        }
        text => Ok(text.map(|text| Device::new(secret, text))),
    }
}

/// Checks that the sender, an account, may vote from the device that it names, if it names one.
///
/// # Errors
/// [`ApiError::Forbidden`] from one device too many.
pub(super) async fn check(sender: &Sender<'_>) -> Result<(), ApiError> {
    let Sender { app, voter, .. } = *sender;
    let Some(device) = sender.client.device else { return Ok(()) };
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
