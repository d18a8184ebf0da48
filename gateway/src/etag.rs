//! Answers that a client may keep, but asks about before it uses them again (RFC 9110, section 13).

use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, ETAG, HeaderValue};

use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, empty};

/// What `make` makes, under the strong tag `etag` with its quotes; or that it did not change since. Caches
/// treat it as `caching` says.
pub(crate) fn answer(
    context: &Context,
    etag: &str,
    caching: &'static str,
    make: impl FnOnce() -> Response,
) -> Result<Response, ApiError> {
    let mut response = match context.header("if-none-match")? {
        Some(known) if is_known(known, etag) => empty(StatusCode::NOT_MODIFIED),
        _ => make(),
    };
    if let Ok(etag) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    Ok(response)
}

/// Whether `If-None-Match` names `etag`; proxies may have made it a weak one.
fn is_known(if_none_match: &str, etag: &str) -> bool {
    let is_same = |known: &str| known.strip_prefix("W/").unwrap_or(known) == etag;
    if_none_match == "*" || if_none_match.split(',').map(str::trim).any(is_same)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_weak_tag_is_the_same() {
        assert!(is_known("\"2-1\", W/\"3-1\"", "\"3-1\"") && !is_known("\"4-1\"", "\"3-1\""));
        assert!(is_known("*", "\"3-1\""));
    }

    proptest! {
        #[test]
        fn a_tag_is_found_in_any_list_and_no_other(
            before in "([ -+\\--~]{0,8},){0,3}", after in "(,[ -~]{0,8}){0,3}", weak in "(W/)?",
        ) {
            let list = format!("{before} {weak}\"3-1\"{after}");
            prop_assert!(is_known(&list, "\"3-1\""));
            prop_assert!(!is_known(&list, "\"a tag of more than eight letters\""));
        }
    }
}
