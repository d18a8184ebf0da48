//! Languages: which one a client reads best (RFC 9110, section 12.5.4).

use std::cmp::Reverse;

use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;

use super::accept::weighted;

/// What is there in the language that the client likes best; the first where it names none of them. Regions do not
/// matter: who asks for `de-AT` reads `de`.
pub(super) fn choose<'a, T>(headers: &HeaderMap, variants: &'a [(String, T)]) -> Option<&'a T> {
    let mut accepted: Vec<(&str, u16)> = weighted(headers, ACCEPT_LANGUAGE).collect();
    accepted.retain(|(_, weight)| *weight > 0);
    accepted.sort_by_key(|(_, weight)| Reverse(*weight));
    let known = |(range, _): &(&str, u16)| {
        let language = range.split('-').next().unwrap_or_default();
        variants.iter().find(|(variant, _)| variant.eq_ignore_ascii_case(language))
    };
    accepted.iter().find_map(known).or(variants.first()).map(|(_, variant)| variant)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn the_best_known_language_wins_and_the_first_stands_in() {
        let variants = [("en".to_owned(), "en"), ("de".to_owned(), "de")];
        for (accepted, expected) in [
            ("de", "de"),
            ("de-AT,en;q=0.9", "de"),
            ("en;q=0.5, DE;q=0.8", "de"),
            ("fr, de;q=0.3", "de"),
            ("de;q=0, en", "en"),
            ("de;q=0", "en"),
            ("fr", "en"),
            ("*", "en"),
            ("", "en"),
            ("den", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            assert_eq!(choose(&headers, &variants), Some(&expected), "{accepted}");
        }
        assert_eq!(choose(&HeaderMap::new(), &variants), Some(&"en"));
    }
}
