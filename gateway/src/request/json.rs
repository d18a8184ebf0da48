//! JSON as it is documented: what is an object there is an object, and what is a word a string.
//!
//! Serde's derived types also take an array in an object's place, with the fields in their order, and `{"word": null}`
//! in a word's. Nobody documented such spellings, and a field more would change what they mean.

mod strict;
#[cfg(test)]
mod tests;

use serde::de::DeserializeOwned;

use strict::Strict;

/// Reads a value.
///
/// # Errors
/// Where this is no JSON, or not that of a `T`.
pub(crate) fn from_slice<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Strict(&mut deserializer))?;
    deserializer.end()?;
    Ok(value)
}
