//! What a webhook calls, and what it may not.

use std::net::IpAddr;

use hyper::Uri;
use hyper::http::uri::Scheme;

use super::address::is_public;
use crate::networks::Networks;

/// Characters of the longest URL.
const MAX_URL: usize = 2000;

/// A URL that may be called, as far as that can be said before its name is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Uri);

/// Why a URL is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// It is none, or none of HTTP.
    #[error("must be an https:// URL of at most {MAX_URL} characters")]
    NoUrl,
    /// It holds a user name or password.
    #[error("must hold no user name or password: calls are signed")]
    Userinfo,
    /// It is not encrypted, and leads elsewhere than into the networks that are allowed.
    #[error("must begin with https://")]
    NotEncrypted,
    /// It names an address that is not public.
    #[error("must lead to a public address")]
    NotPublic,
}

impl Target {
    /// Reads a URL. What its host's name stands for is not known yet: see [`may_connect`](Self::may_connect).
    ///
    /// # Errors
    /// Says what it must be.
    pub fn parse(url: &str, allowed: &Networks) -> Result<Self, InvalidTarget> {
        let uri = url.parse().ok().filter(|_| url.len() <= MAX_URL).ok_or(InvalidTarget::NoUrl)?;
        Self::new(uri, allowed)
    }

    /// The same of a URL that was read.
    ///
    /// # Errors
    /// Says what it must be.
    pub fn new(uri: Uri, allowed: &Networks) -> Result<Self, InvalidTarget> {
        let target = Self(uri);
        if !target.is_encrypted() && target.0.scheme() != Some(&Scheme::HTTP) || target.host().is_empty() {
            return Err(InvalidTarget::NoUrl);
        }
        if target.0.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(InvalidTarget::Userinfo);
        }
        match target.host().parse::<IpAddr>() {
            Ok(address) if target.may_connect(address, allowed) => Ok(target),
            Ok(address) if is_public(address) => Err(InvalidTarget::NotEncrypted),
            Ok(_) => Err(InvalidTarget::NotPublic),
            Err(_) if target.is_encrypted() || !allowed.is_empty() => Ok(target),
            Err(_) => Err(InvalidTarget::NotEncrypted),
        }
    }

    /// Whether a connection may be made to `address`, which its host's name stands for: a public one over TLS, or one
    /// of the networks that are allowed.
    pub fn may_connect(&self, address: IpAddr, allowed: &Networks) -> bool {
        allowed.contains(address) || self.is_encrypted() && is_public(address)
    }

    /// The URL.
    pub fn uri(&self) -> &Uri {
        &self.0
    }

    /// The URL as a text.
    pub fn url(&self) -> String {
        self.0.to_string()
    }

    /// The name or address of its host, an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        let host = self.0.host().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The port of its host.
    pub fn port(&self) -> u16 {
        let usual = if self.is_encrypted() { 443 } else { 80 };
        self.0.port_u16().unwrap_or(usual)
    }

    fn is_encrypted(&self) -> bool {
        self.0.scheme() == Some(&Scheme::HTTPS)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(url: &str, allowed: &str) -> Result<Target, InvalidTarget> {
        Target::parse(url, &allowed.parse().unwrap())
    }

    #[test]
    fn a_target_is_public_and_encrypted() {
        for url in [
            "https://example.org/hook?x=1",
            "https://example.org:8443",
            "https://1.1.1.1/",
            "https://[2606:4700::1]:99/",
        ] {
            assert_eq!(parse(url, "").unwrap().uri(), &url.parse::<Uri>().unwrap(), "{url}");
        }
        for (url, error) in [
            ("", InvalidTarget::NoUrl),
            ("/hook", InvalidTarget::NoUrl),
            ("example.org", InvalidTarget::NoUrl),
            ("ftp://example.org/", InvalidTarget::NoUrl),
            ("https://", InvalidTarget::NoUrl),
            ("https://exa mple.org/", InvalidTarget::NoUrl),
            ("https://user:secret@example.org/", InvalidTarget::Userinfo),
            ("https://user@example.org/", InvalidTarget::Userinfo),
            ("http://example.org/", InvalidTarget::NotEncrypted),
            ("http://1.1.1.1/", InvalidTarget::NotEncrypted),
            ("https://127.0.0.1/", InvalidTarget::NotPublic),
            ("https://169.254.169.254/latest", InvalidTarget::NotPublic),
            ("http://10.0.0.1/", InvalidTarget::NotPublic),
            ("https://[::1]:8080/", InvalidTarget::NotPublic),
            ("https://[::ffff:10.0.0.1]/", InvalidTarget::NotPublic),
        ] {
            assert_eq!(parse(url, ""), Err(error), "{url}");
        }
        assert_eq!(
            parse(&format!("https://example.org/{}", "x".repeat(2000)), ""),
            Err(InvalidTarget::NoUrl)
        );
    }

    #[test]
    fn networks_that_are_allowed_are_called_however() {
        for url in [
            "http://127.0.0.1:8000/",
            "https://127.9.9.9/",
            "https://[::ffff:127.0.0.1]/",
            "http://hooks.internal/",
        ] {
            assert!(parse(url, "127.0.0.0/8").is_ok(), "{url}");
        }
        for url in ["http://1.1.1.1/", "http://10.0.0.1/", "https://10.0.0.1/", "https://[::1]/"] {
            assert!(parse(url, "127.0.0.0/8").is_err(), "{url}");
        }
        // A name may lead anywhere: what it stands for is looked at when it is called.
        let (plain, encrypted) =
            (parse("http://x.org/", "127.0.0.0/8").unwrap(), parse("https://x.org/", "").unwrap());
        let (allowed, none): (Networks, Networks) = ("127.0.0.0/8".parse().unwrap(), Networks::default());
        let [loopback, public] = ["127.0.0.1", "1.1.1.1"].map(|address| address.parse().unwrap());
        assert!(plain.may_connect(loopback, &allowed) && !plain.may_connect(public, &allowed));
        assert!(encrypted.may_connect(loopback, &allowed) && encrypted.may_connect(public, &allowed));
        assert!(encrypted.may_connect(public, &none) && !encrypted.may_connect(loopback, &none));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_encrypted_and_of_no_private_address(
            url in prop_oneof![
                "\\PC{0,24}",
                "https?://([a-z0-9.:@\\[\\]%-]{0,20}|(127|10|192|169|1)(\\.[0-9]{1,3}){3})(:[0-9]{0,6})?(/\\PC{0,8})?",
            ],
        ) {
            if let Ok(target) = parse(&url, "") {
                prop_assert!(target.url().starts_with("https://") && !target.host().is_empty(), "{}", url);
                let address = target.host().parse::<IpAddr>();
                prop_assert!(address.map_or(true, is_public), "{}", url);
                prop_assert_eq!(parse(&target.url(), "").map(|again| again.url()), Ok(target.url()));
            }
        }
    }
}
