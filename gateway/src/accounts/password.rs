//! A password on its way to its hash.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A password. It does not print, and is wiped from memory when dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(super) struct Password(Zeroizing<String>);

impl Password {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
