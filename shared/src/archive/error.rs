//! What can go wrong with the archive, in words for operators. What a storage says is never shown as it is: it may
//! hold credentials.

use std::error::Error;
use std::io;

use object_store::client::{HttpError, HttpErrorKind};

use super::Key;

/// Why the archive could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The storage can't be reached, refuses access, or is full; it may work later.
    #[error("the archive's storage failed at {key}: {problem}")]
    Storage {
        /// The object.
        key: Key,
        /// What is wrong and what to do.
        problem: String,
    },
    /// An object is gone.
    #[error("{0} is not in the archive's storage")]
    Missing(Key),
    /// An object is not what was written.
    #[error("{key} is damaged: {problem}")]
    Damaged {
        /// The object.
        key: Key,
        /// What is wrong.
        problem: String,
    },
    /// The rows are whole, but are not what was counted.
    #[error("the rows in {key}'s parts don't add up to the poll's counts: {problem}")]
    Miscounted {
        /// The manifest.
        key: Key,
        /// Which count differs.
        problem: String,
    },
    /// The manifest is of a format to come.
    #[error("{key} has format {format}, which this program is too old for: update it")]
    Newer {
        /// The manifest.
        key: Key,
        /// Its format.
        format: u32,
    },
}

impl ArchiveError {
    pub(super) fn damaged(key: Key, problem: impl ToString) -> Self {
        Self::Damaged { key, problem: problem.to_string() }
    }

    /// What a storage said while `key` was written.
    pub(super) fn writing(key: Key, error: &object_store::Error) -> Self {
        Self::Storage { key, problem: describe(error) }
    }

    /// What a storage said while `key` was read.
    pub(super) fn reading(key: Key, error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } if !names_bucket(error) => Self::Missing(key),
            _ => Self::writing(key, error),
        }
    }
}

const DENIED: &str = "access is denied: check the credentials in the provider's variables (for instance \
                      AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and what they may do";
const NO_BUCKET: &str = "there is no such bucket or container: make it, or correct ARCHIVE_URL";
const UNREACHABLE: &str = "it can't be reached: check ARCHIVE_URL and the provider's variables (for instance \
                           AWS_ENDPOINT_URL), or whether it is down";
const SLOW: &str = "it did not answer in time";

fn describe(error: &object_store::Error) -> String {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    match error {
        PermissionDenied { .. } | Unauthenticated { .. } if source::<io::Error>(error).is_none() => {
            DENIED.to_owned()
        }
        NotFound { .. } => NO_BUCKET.to_owned(),
        _ => describe_cause(error),
    }
}

fn describe_cause(error: &object_store::Error) -> String {
    if let Some(http) = source::<HttpError>(error) {
        return match http.kind() {
            HttpErrorKind::Timeout => SLOW.to_owned(),
            _ => UNREACHABLE.to_owned(),
        };
    }
    match source::<io::Error>(error) {
        Some(full) if full.kind() == io::ErrorKind::StorageFull => {
            "the disk is full: make room, and it goes on by itself".to_owned()
        }
        Some(error) => error.to_string(),
        None => format!("it answered {}", code(&error.to_string())),
    }
}

/// The innermost error of this kind behind `error`.
fn source<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn names_bucket(error: &object_store::Error) -> bool {
    code(&error.to_string()) == "NoSuchBucket"
}

/// The code within an answer of S3 and its like, for instance `SlowDown`; else the status.
fn code(text: &str) -> &str {
    let between = |start: &str, end: &str| Some(text.split_once(start)?.1.split_once(end)?.0);
    let word = |word: &&str| word.len() <= 64 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    let code = between("<Code>", "</Code>").filter(word);
    code.or_else(|| between("status code: ", ":").filter(word)).unwrap_or("with an error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_only_its_code_is_shown() {
        let answer = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch\
                      </Code><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>";
        assert_eq!(code(answer), "SignatureDoesNotMatch");
        assert_eq!(code("status code: 503 Service Unavailable: secret"), "503 Service Unavailable");
        assert_eq!(code("secret"), "with an error");
    }

    #[test]
    fn a_bucket_that_is_not_there_is_told_from_an_object_that_is_not() {
        let key = Key::Manifest { poll_id: uuid::Uuid::nil() };
        let not_found =
            |answer: &str| object_store::Error::NotFound { path: String::new(), source: answer.into() };
        let object = not_found("<Error><Code>NoSuchKey</Code></Error>");
        assert!(matches!(ArchiveError::reading(key, &object), ArchiveError::Missing(_)));
        let bucket = not_found("<Error><Code>NoSuchBucket</Code></Error>");
        for error in [ArchiveError::reading(key, &bucket), ArchiveError::writing(key, &bucket)] {
            assert!(error.to_string().contains("there is no such bucket"), "{error}");
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        let source = Box::new(io::Error::from(io::ErrorKind::StorageFull));
        let full = object_store::Error::Generic { store: "file", source };
        assert!(describe(&full).contains("the disk is full"));
    }
}
