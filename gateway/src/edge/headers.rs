//! What browsers are told to refuse: by headers on every answer.

use hyper::HeaderMap;
use hyper::header::{
    CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

use crate::web;

/// For what is no page: nothing may be loaded by it or around it.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const DOCS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// No page's path is told, not even to us: those of mailed links hold tokens, which are no business of a proxy's log.
const REFERRER: HeaderValue = HeaderValue::from_static("strict-origin");
/// A year, as browsers' preload lists ask for.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The headers, made once.
#[derive(Debug)]
pub(crate) struct SecurityHeaders {
    https_only: bool,
    page: HeaderValue,
    embedded: HeaderValue,
}

impl SecurityHeaders {
    /// For a gateway that is reached at `public_url`; its pages may also load and frame what the captcha's
    /// origins serve.
    pub(crate) fn new(public_url: &str, captcha: &[String]) -> Self {
        Self {
            https_only: public_url.starts_with("https://"),
            page: page(captcha, "'none'"),
            embedded: page(captcha, "*"),
        }
    }

    /// What the answer at `path` may load, and who may frame it.
    pub(crate) fn policy(&self, path: &str) -> HeaderValue {
        if is_docs(path) {
            return DOCS;
        }
        if !web::owns(path) {
            return NO_PAGE;
        }
        let is_embedded = path == "/embed" || path.starts_with("/embed/");
        if is_embedded { self.embedded.clone() } else { self.page.clone() }
    }

    /// Adds what an answer does not have yet.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(NO_PAGE);
        headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(REFERRER_POLICY, REFERRER);
        if self.https_only {
            headers.insert(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
        }
    }
}

fn is_docs(path: &str) -> bool {
    path.strip_prefix("/api/v1/docs").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The policy of the web app's pages.
fn page(captcha: &[String], framed_by: &str) -> HeaderValue {
    let scripts: String = captcha.iter().map(|origin| format!(" {origin}")).collect();
    let frames = if captcha.is_empty() { " 'none'" } else { &scripts };
    let policy = format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src{frames}; base-uri 'none'; \
         form-action 'self'; frame-ancestors {framed_by}"
    );
    HeaderValue::try_from(policy).unwrap_or_else(|_| unreachable!("origins are printable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(path: &str) -> String {
        let headers = SecurityHeaders::new("https://example.org", &["https://captcha.example".to_owned()]);
        headers.policy(path).to_str().unwrap().to_owned()
    }

    #[test]
    fn the_api_is_no_page() {
        for path in ["/api/v1/polls", "/api/v1/docsier", "/api", "/ws", "/livez", "/readyz"] {
            assert_eq!(policy(path), "default-src 'none'; frame-ancestors 'none'", "{path}");
        }
    }

    #[test]
    fn pages_load_what_is_their_own_and_the_captcha() {
        for path in ["/", "/p/lunch", "/embedded", "/apiary"] {
            let policy = policy(path);
            assert!(policy.contains("script-src 'self' https://captcha.example;"), "{path}: {policy}");
            assert!(policy.contains("frame-src https://captcha.example;"), "{path}: {policy}");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{path}: {policy}");
        }
        let without = SecurityHeaders::new("", &[]).policy("/").to_str().unwrap().to_owned();
        assert!(without.contains("script-src 'self';") && without.contains("frame-src 'none';"), "{without}");
    }

    #[test]
    fn embedded_polls_may_be_framed_by_anybody() {
        assert!(policy("/embed/lunch").ends_with("frame-ancestors *"));
    }

    #[test]
    fn the_docs_load_scripts_and_styles_of_their_own() {
        for path in ["/api/v1/docs", "/api/v1/docs/swagger-ui.css"] {
            assert!(policy(path).contains("script-src 'self'; style-src 'self';"), "{path}");
            assert!(!policy(path).contains("captcha"), "{path}");
        }
    }

    #[test]
    fn only_https_asks_for_https() {
        for (url, asks) in [("https://example.org", true), ("http://example.org", false)] {
            let mut headers = HeaderMap::new();
            SecurityHeaders::new(url, &[]).complete(&mut headers);
            assert_eq!(headers.contains_key(STRICT_TRANSPORT_SECURITY), asks, "{url}");
            assert_eq!(headers[CONTENT_SECURITY_POLICY], NO_PAGE);
        }
    }
}
