//! Content codings: which one a client takes a file in (RFC 9110, section 12.5.3).

use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;

use super::accept::weighted;

/// How the bytes of a file are sent, the better one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// As they are.
    Identity,
}

impl Coding {
    /// Its name in headers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }
}

/// The codings that a request names.
struct Accepted<'a>(Vec<(&'a str, u16)>);

impl Accepted<'_> {
    /// The weight of a coding; none where the client does not take it. A client that does not name `identity`
    /// takes it, but everything that it does name rather.
    fn weight(&self, coding: Coding) -> Option<u16> {
        let of = |name: &str| {
            let mut named = self.0.iter().filter(|(listed, _)| listed.eq_ignore_ascii_case(name));
            named.next().map(|(_, weight)| *weight)
        };
        let weight = of(coding.name()).or_else(|| of("*")).unwrap_or(0);
        (weight > 0 || coding == Coding::Identity).then_some(weight)
    }
}

/// The variant that a request is best answered with. They are in our order of preference, the last one plain:
/// whoever takes none of the others gets that.
pub(super) fn choose<'a, T>(headers: &HeaderMap, variants: &'a [(Coding, T)]) -> Option<&'a (Coding, T)> {
    let accepted = Accepted(weighted(headers, ACCEPT_ENCODING).collect());
    let weighted = variants.iter().filter_map(|variant| Some((accepted.weight(variant.0)?, variant)));
    // Of equals the last one counts as the greatest.
    weighted.rev().max_by_key(|(weight, _)| *weight).map(|(_, variant)| variant)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;
    use proptest::prelude::*;

    const ALL: [(Coding, ()); 3] = [(Coding::Brotli, ()), (Coding::Gzip, ()), (Coding::Identity, ())];

    fn chosen(lines: &[&'static str], variants: &[(Coding, ())]) -> &'static str {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        choose(&headers, variants).unwrap().0.name()
    }

    #[test]
    fn the_client_s_weights_decide_then_our_preference() {
        for (line, coding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=1.0, gzip;q=1.0", "br"),
            ("br;q=0.5, gzip;q=0.501", "gzip"),
            ("BR;Q=0.9 , GZIP ; q=0.8", "br"),
            ("gzip;q=0.001", "gzip"),
            ("*", "br"),
            ("br;q=0, *", "gzip"),
            ("gzip;q=0.5, *;q=0.1", "gzip"),
        ] {
            assert_eq!(chosen(&[line], &ALL), coding, "{line}");
        }
        assert_eq!(chosen(&["deflate", "gzip"], &ALL), "gzip");
    }

    #[test]
    fn who_takes_nothing_else_or_likes_it_best_gets_the_file_as_it_is() {
        assert_eq!(chosen(&[], &ALL), "identity");
        for line in [
            "",
            "identity",
            "deflate",
            "br;q=0, gzip;q=0.000",
            "*;q=0",
            "identity;q=0",
            "gzip;q=0.5, identity",
            "br;q=nan, gzip;q=inf",
            "br;q=2, gzip;q=-1",
            "br;q=, gzip;level=9",
            "brotli, xgzip",
        ] {
            assert_eq!(chosen(&[line], &ALL), "identity", "{line}");
        }
    }

    #[test]
    fn only_what_is_there_is_chosen() {
        assert_eq!(chosen(&["br, gzip"], &ALL[1..]), "gzip");
        assert_eq!(chosen(&["br, gzip"], &ALL[2..]), "identity");
        assert_eq!(chosen(&["br"], &ALL[1..]), "identity");
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_there_is_an_answer_that_was_not_forbidden(
            line in prop_oneof![
                "(br|gzip|identity|\\*|x)(;q=(0|1|0\\.[0-9]{0,4}))?(, ?(br|gzip|\\*)(;q=[0-9.]{0,4})?){0,3}",
                "[\\t -~]{0,24}",
            ],
        ) {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(&line).unwrap());
            let chosen = choose(&headers, &ALL).unwrap().0;
            let named = line.contains(chosen.name()) || line.contains('*');
            prop_assert!(chosen == Coding::Identity || named || line.to_ascii_lowercase().contains(chosen.name()));
            prop_assert!(weighted(&headers, ACCEPT_ENCODING).all(|(_, weight)| weight <= 1000));
        }
    }
}
