//! What a viewer looks at in a message: too many come to parse them all.

use super::error::FanOutError;

const RESULTS: &[u8] = br#"{"type":"results""#;
const ERROR: &[u8] = br#"{"type":"error""#;

/// Which counts a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) version: u64,
    pub(super) total_votes: u64,
}

/// The counts in a message; `None` where it is about something else.
pub(super) fn read(text: &[u8]) -> Result<Option<Told>, FanOutError> {
    let as_text = || String::from_utf8_lossy(text).into_owned();
    if text.starts_with(ERROR) {
        return Err(FanOutError::Refused(as_text()));
    }
    if !text.starts_with(RESULTS) {
        return Ok(None);
    }
    let told = || {
        let version = number_after(text, br#""version":"#)?;
        let total_votes = number_after(text, br#""total_votes":"#)?;
        Some(Told { version, total_votes })
    };
    told().map(Some).ok_or_else(|| FanOutError::Unreadable(as_text()))
}

fn number_after(text: &[u8], name: &[u8]) -> Option<u64> {
    let at = text.windows(name.len()).position(|bytes| bytes == name)? + name.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|digit| u64::from(digit - b'0')).try_fold(None, |number: Option<u64>, digit| {
        Some(Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?))
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_votes_are_found() {
        let text = br#"{"type":"results","poll_id":"x","version":17,"total_votes":203,"results":{}}"#;
        assert_eq!(read(text).unwrap(), Some(Told { version: 17, total_votes: 203 }));
        assert_eq!(read(br#"{"type":"viewers","poll_id":"x","count":3}"#).unwrap(), None);
    }

    #[test]
    fn errors_and_results_without_counts_are_no_results() {
        assert!(matches!(read(br#"{"type":"error","code":"poll_not_found"}"#), Err(FanOutError::Refused(_))));
        for text in [r#"{"type":"results","version":1}"#, r#"{"type":"results","version":,"total_votes":2}"#]
        {
            assert!(matches!(read(text.as_bytes()), Err(FanOutError::Unreadable(_))), "{text}");
        }
    }
}
