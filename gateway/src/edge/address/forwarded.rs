//! The grammar of `Forwarded` (RFC 7239) and of the nodes in it, which `X-Forwarded-For` shares. All of it is
//! read as bytes, from the right: what a client wrote before the proxies' own words must not hide those.

use std::net::IpAddr;

/// The parts of `text` between separators outside of quotes, the last one first.
pub(super) fn rsplit_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        for at in (0..text.len()).rev() {
            if text[at] == b'"' && !is_escaped(text, at) {
                quoted = !quoted;
            } else if text[at] == separator && !quoted {
                rest = Some(&text[..at]);
                return Some(&text[at + 1..]);
            }
        }
        rest = None;
        Some(text)
    })
}

/// Whether the byte at `at` follows an odd number of backslashes.
fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// The address in an element's one `for=`, `None` where there is none, or anything else is wrong with it.
pub(super) fn node_of_element(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    for pair in rsplit_unquoted(element, b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_at(pair.iter().position(|&byte| byte == b'=')?);
        let value = unquoted(&value[1..])?;
        if name.eq_ignore_ascii_case(b"for") && found.replace(node(value)?).is_some() {
            return None;
        }
    }
    found
}

/// What a token or a quoted string holds. An address needs no escapes, so they are left as they are.
fn unquoted(value: &[u8]) -> Option<&[u8]> {
    match value {
        [b'"', inner @ .., b'"'] => Some(inner),
        token => (!token.contains(&b'"')).then_some(token),
    }
}

/// The address of a node: IPv4, IPv6 or IPv6 in brackets, with a port or without. `None` for `unknown`, for
/// obfuscated identifiers and for what can't be read.
pub(super) fn node(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (address, port) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (address, port) = bracketed.split_once(']')?;
            (IpAddr::V6(address.parse().ok()?), port)
        }
        None => {
            let (address, port) = text.split_at(text.find(':')?);
            (IpAddr::V4(address.parse().ok()?), port)
        }
    };
    (port.is_empty() || is_port(port.strip_prefix(':')?)).then(|| address.to_canonical())
}

/// A number, or an obfuscated port such as `_gazonk`.
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        }
        None => !text.starts_with('+') && text.parse::<u16>().is_ok(),
    }
}
