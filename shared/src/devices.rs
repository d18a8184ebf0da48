//! The devices that an account votes from, as keyed hashes.

use std::sync::LazyLock;
use std::time::Duration;

use redis::{RedisResult, Script};

use crate::keys;
use crate::redis::Connection;
use crate::vote::{HashSecret, Voter};

static NOTE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("devices.lua")));

/// The most devices that an account may vote from.
pub const MAX_DEVICES: u8 = 5;
/// An account's devices are forgotten this long after the last use of any of them.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 86_400);

/// A device, as eight bytes that stand for its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Device([u8; 8]);

impl Device {
    /// The device with this fingerprint.
    pub fn new(secret: &HashSecret, fingerprint: &str) -> Self {
        let mut device = [0; 8];
        device.copy_from_slice(&secret.hash("device", fingerprint.as_bytes())[..8]);
        Self(device)
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device(…)")
    }
}

/// Notes that `voter`, an account, uses `device`; `false` where it has [`MAX_DEVICES`] others.
///
/// # Errors
/// When Redis fails.
pub async fn note(redis: &mut Connection, voter: Voter, device: Device) -> RedisResult<bool> {
    let mut script = NOTE.key(keys::devices(voter));
    script.arg(&device.0).arg(MAX_DEVICES).arg(FORGOTTEN_AFTER.as_secs());
    script.invoke_async(redis).await
}
