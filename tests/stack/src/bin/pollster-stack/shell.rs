//! Values as a shell reads them, and secrets.

use std::fmt::Write as _;
use std::io::Read as _;

use pollster_stack::StackError;

/// 32 random bytes in hexadecimal.
pub(crate) fn random_secret() -> Result<String, StackError> {
    let mut bytes = [0_u8; 32];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(StackError::io("making a secret"))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// The value as one word of a shell.
pub(crate) fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/:.,_-@+=%".contains(c);
    if value.chars().all(is_plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

/// Undoes [`quoted`].
pub(crate) fn unquoted(value: &str) -> String {
    match value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace(r"'\''", "'"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{quoted, random_secret, unquoted};

    #[test]
    fn quoting_is_undone_by_unquoting() {
        for value in ["", "plain", "http://127.0.0.1:1/a?b=c&d", "it's", "$HOME `x` \"y\""] {
            assert_eq!(unquoted(&quoted(value)), value);
        }
    }

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, two) = (random_secret().unwrap(), random_secret().unwrap());
        assert_eq!(one.len(), 64);
        assert_ne!(one, two);
    }
}
