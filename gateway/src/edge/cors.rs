//! Whose pages may use the API: our own, and those of the origins (RFC 6454) that are allowed (CORS).

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, LOCATION,
    RETRY_AFTER,
};
use hyper::{Method, Uri};
use tower_http::cors::{AllowOrigin, CorsLayer};

const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
const REQUEST_HEADERS: [HeaderName; 9] = [
    CONTENT_TYPE,
    AUTHORIZATION,
    IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("x-device-fingerprint"),
    HeaderName::from_static("x-manage-token"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-voter-token"),
];
const EXPOSED_HEADERS: [HeaderName; 7] = [
    CONTENT_DISPOSITION,
    ETAG,
    LOCATION,
    RETRY_AFTER,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-request-id"),
];
/// How long a browser may remember a preflight's answer; the most that Chromium does.
const MAX_AGE: Duration = Duration::from_secs(2 * 3600);

/// The origins besides our own whose pages may use the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum AllowedOrigins {
    #[default]
    None,
    Any,
    These(Arc<[HeaderValue]>),
}

impl AllowedOrigins {
    /// Whether pages of `origin` are among them.
    pub(crate) fn contains(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::These(origins) => origins.contains(origin),
        }
    }

    /// What answers preflights and tells browsers that pages of these origins may read answers. No
    /// credentials: identities travel in headers that pages set, never in cookies.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let allowed = match self {
            Self::None => return None,
            Self::Any => AllowOrigin::any(),
            Self::These(origins) => {
                let origins = origins.clone();
                AllowOrigin::predicate(move |origin, _| origins.contains(origin))
            }
        };
        let layer = CorsLayer::new().allow_origin(allowed).allow_methods(METHODS);
        Some(layer.allow_headers(REQUEST_HEADERS).expose_headers(EXPOSED_HEADERS).max_age(MAX_AGE))
    }
}

impl FromStr for AllowedOrigins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).peekable();
        if origins.peek().is_none() {
            return Ok(Self::None);
        }
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        origins.map(parse).collect::<Result<_, _>>().map(Self::These)
    }
}

fn parse(text: &str) -> Result<HeaderValue, String> {
    let is_bare = text.parse::<Uri>().is_ok_and(|uri| uri.path_and_query().is_none_or(|rest| rest == "/"));
    let origin = origin(text).filter(|_| is_bare).and_then(|origin| HeaderValue::from_str(&origin).ok());
    origin.ok_or_else(|| {
        format!("takes origins separated by commas, for instance https://example.org, or *, and not {text}")
    })
}

/// The origin of a URL as browsers write it: in lower case, without its scheme's own port.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host();
    let origin = match (scheme, authority.port_u16()) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) => format!("{scheme}://{host}"),
        (_, Some(port)) => format!("{scheme}://{host}:{port}"),
    };
    Some(origin.to_ascii_lowercase())
}

/// Whether `origin` is our own: that of `public_url`, or of the host that the request was sent to.
pub(super) fn is_same(origin: &HeaderValue, public_url: Option<&str>, host: Option<&HeaderValue>) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    if public_url.and_then(self::origin).is_some_and(|own| own == origin) {
        return true;
    }
    let sent_to = host.and_then(|host| host.to_str().ok());
    let from = origin.split_once("://").map(|(_, authority)| authority);
    from.zip(sent_to).is_some_and(|(from, to)| from.eq_ignore_ascii_case(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> HeaderValue {
        HeaderValue::from_str(text).unwrap()
    }

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        let origins: AllowedOrigins =
            " HTTPS://Example.org:443/, http://localhost:3000,https://[::1]:8443,capacitor://app"
                .parse()
                .unwrap();
        for origin in
            ["https://example.org", "http://localhost:3000", "https://[::1]:8443", "capacitor://app"]
        {
            assert!(origins.contains(&value(origin)), "{origin}");
        }
        for origin in ["https://example.com", "http://example.org", "https://localhost:3000", "null"] {
            assert!(!origins.contains(&value(origin)), "{origin}");
        }
        assert_eq!("*".parse(), Ok(AllowedOrigins::Any));
        assert_eq!(" ".parse(), Ok(AllowedOrigins::None));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        let bad = [
            "example.org",
            "https://example.org/app",
            "https://u@example.org",
            "null",
            "https://",
            "*,a",
            "//a",
        ];
        for text in bad {
            assert!(text.parse::<AllowedOrigins>().is_err(), "{text}");
        }
    }

    #[test]
    fn our_own_origin_is_that_of_the_public_url_or_the_host() {
        let public = Some("https://Polls.example.org/app");
        let host = value("127.0.0.1:8080");
        assert!(is_same(&value("https://polls.example.org"), public, Some(&host)));
        assert!(is_same(&value("http://127.0.0.1:8080"), public, Some(&host)));
        assert!(is_same(&value("http://127.0.0.1:8080"), None, Some(&host)));
        for origin in
            ["http://polls.example.org", "http://127.0.0.1", "null", "https://polls.example.org.evil.net"]
        {
            assert!(!is_same(&value(origin), public, Some(&host)), "{origin}");
        }
        assert!(!is_same(&value("http://127.0.0.1:8080"), None, None));
    }
}
