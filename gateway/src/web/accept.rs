//! What a client takes, the better the weightier (RFC 9110, section 12.4.2).

use hyper::HeaderMap;
use hyper::header::HeaderName;

/// The values that a request's header names, each with its weight in thousandths, as they come. What can't be read is
/// as if it was not there.
pub(super) fn weighted(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (&str, u16)> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(element)
}

/// One element of the list, `None` where it is not valid.
fn element(element: &str) -> Option<(&str, u16)> {
    let Some((name, parameter)) = element.split_once(';') else { return Some((element.trim(), 1000)) };
    let (key, value) = parameter.split_once('=')?;
    let weight: f32 = value.trim().parse().ok()?;
    let is_valid = key.trim().eq_ignore_ascii_case("q") && (0.0..=1.0).contains(&weight);
    is_valid.then_some((name.trim(), (weight * 1000.0) as u16))
}
