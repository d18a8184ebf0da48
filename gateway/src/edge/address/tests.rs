use hyper::header::HeaderValue;
use proptest::prelude::*;

use super::*;

const PROXIES: &str = "10.0.0.0/8, fd00::/8,192.0.2.7";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The client of a request over `peer` with these header lines.
fn client(peer: &str, lines: &[(&'static str, &str)]) -> String {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    PROXIES.parse::<TrustedProxies>().unwrap().client(ip(peer), &headers).to_string()
}

fn x_forwarded_for(value: &str) -> String {
    client("10.0.0.1", &[("x-forwarded-for", value)])
}

fn forwarded(value: &str) -> String {
    client("10.0.0.1", &[("forwarded", value)])
}

#[test]
fn a_stranger_is_not_believed() {
    let lines = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1")];
    assert_eq!(client("203.0.113.9", &lines), "203.0.113.9");
    assert_eq!(client("192.0.2.8", &lines), "192.0.2.8");
    assert_eq!(client("192.0.2.7", &lines), "198.51.100.1");
}

#[test]
fn without_a_header_the_client_is_the_peer() {
    assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    assert_eq!(x_forwarded_for(""), "10.0.0.1");
    assert_eq!(forwarded(" , ,"), "10.0.0.1");
}

#[test]
fn the_list_is_read_from_the_right_past_trusted_proxies() {
    assert_eq!(x_forwarded_for("1.1.1.1, 2.2.2.2"), "2.2.2.2");
    assert_eq!(x_forwarded_for("1.1.1.1, 2.2.2.2, 10.9.9.9,fd00::1"), "2.2.2.2");
    assert_eq!(x_forwarded_for("10.1.1.1, 10.2.2.2"), "10.1.1.1");
    assert_eq!(forwarded("for=1.1.1.1, for=2.2.2.2;proto=https, for=\"[fd00::1]:99\""), "2.2.2.2");
}

#[test]
fn all_lines_of_a_header_are_one_list() {
    let lines = [("x-forwarded-for", "1.1.1.1, 2.2.2.2"), ("x-forwarded-for", "10.0.0.9")];
    assert_eq!(client("10.0.0.1", &lines), "2.2.2.2");
    let lines = [("forwarded", "for=1.1.1.1"), ("forwarded", "for=2.2.2.2, for=10.0.0.9")];
    assert_eq!(client("10.0.0.1", &lines), "2.2.2.2");
}

#[test]
fn x_forwarded_for_comes_before_forwarded() {
    let lines = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "1.1.1.1")];
    assert_eq!(client("10.0.0.1", &lines), "1.1.1.1");
}

#[test]
fn addresses_come_in_many_forms() {
    for (text, address) in [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1:8080", "198.51.100.1"),
        ("198.51.100.1:_hidden", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:8080", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("[::ffff:c633:6401]:80", "198.51.100.1"),
    ] {
        assert_eq!(x_forwarded_for(text), address, "{text}");
        assert_eq!(forwarded(&format!("for=\"{text}\"")), address, "{text}");
        assert_eq!(forwarded(&format!("proto=http ; FOR={text};by=\"a,b;c\"")), address, "{text}");
    }
}

#[test]
fn what_can_not_be_read_ends_the_list() {
    for text in [
        "unknown",
        "_hidden",
        "_SEVKISEK",
        "198.51.100",
        "198.51.100.1:",
        "198.51.100.1:99999",
        "198.51.100.1:+1",
        "198.51.100.1:_",
        "[2001:db8::1",
        "[2001:db8::1]8080",
        "[198.51.100.1]",
        "2001:db8::1]:80",
        "localhost",
        "ü",
    ] {
        assert_eq!(x_forwarded_for(&format!("1.1.1.1, {text}")), "10.0.0.1", "{text}");
        assert_eq!(x_forwarded_for(&format!("1.1.1.1, {text}, 10.5.5.5")), "10.5.5.5", "{text}");
        assert_eq!(forwarded(&format!("for=1.1.1.1, for=\"{text}\"")), "10.0.0.1", "{text}");
    }
    for element in
        ["proto=https", "for", "for=", "for=2.2.2.2;for=3.3.3.3", "for=2.2.2.2;host=a\"b", "=2.2.2.2"]
    {
        assert_eq!(forwarded(&format!("for=1.1.1.1, {element}")), "10.0.0.1", "{element}");
    }
}

#[test]
fn what_a_client_wrote_can_not_hide_what_the_proxy_wrote() {
    for spoofed in ["for=\"", "\"", "for=\"1.1.1.1", "for=\"a\\", ";;;", "for=1.1.1.1;by=\"x, y", "\u{fc}"] {
        assert_eq!(forwarded(&format!("{spoofed}, for=2.2.2.2")), "2.2.2.2", "{spoofed}");
        assert_eq!(x_forwarded_for(&format!("{spoofed}, 2.2.2.2")), "2.2.2.2", "{spoofed}");
    }
    // Nor where a proxy copies a quote into an element of its own without escaping it.
    assert_eq!(forwarded("for=6.6.6.6;x=\", for=2.2.2.2;host=a\"b"), "10.0.0.1");
}

#[test]
fn escaped_quotes_stay_inside_of_their_string() {
    assert_eq!(forwarded(r#"for=1.1.1.1, for=2.2.2.2;host="a\", for=3.3.3.3;x=\\""#), "2.2.2.2");
}

#[test]
fn networks_and_addresses_are_read() {
    let proxies: TrustedProxies = "10.0.0.0/8, ::ffff:192.0.2.0/120,2001:db8::1".parse().unwrap();
    assert!(["10.255.0.1", "192.0.2.200", "2001:db8::1"].iter().all(|proxy| proxies.contains(ip(proxy))));
    assert!(!["11.0.0.1", "192.0.3.0", "2001:db8::2"].iter().any(|stranger| proxies.contains(ip(stranger))));
    assert_eq!("".parse(), Ok(TrustedProxies::default()));
    for bad in ["10.0.0.0/33", "proxy", "10.0.0.0-10.0.0.9", "10.0.0.1:80"] {
        assert!(bad.parse::<TrustedProxies>().unwrap_err().contains(bad));
    }
}

#[test]
fn a_sender_is_an_ipv4_address_or_an_ipv6_subscriber() {
    assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), network(ip("2001:db8:1:2::")));
    assert_ne!(network(ip("2001:db8:1:2::")), network(ip("2001:db8:1:3::")));
    assert_ne!(network(ip("192.0.2.1")), network(ip("192.0.2.2")));
    assert_eq!(network(ip("192.0.2.1")), network(ip("::ffff:192.0.2.1")));
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(lines in proptest::collection::vec((any::<bool>(), "[\\t -~\u{80}-\u{ff}]{0,40}"), 0..4)) {
        let lines: Vec<_> = lines
            .iter()
            .map(|(old, value)| (if *old { "x-forwarded-for" } else { "forwarded" }, value.as_str()))
            .collect();
        client("10.0.0.1", &lines);
    }

    #[test]
    fn what_a_proxy_appends_is_found_whatever_stands_before_it(
        spoofed in "[\\t -~]{0,40}",
        address in any::<u32>().prop_map(|bits| std::net::Ipv4Addr::from_bits(bits | 0x8000_0000)),
    ) {
        prop_assume!(address.to_string() != "192.0.2.7");
        prop_assert_eq!(forwarded(&format!("{spoofed}, for={address}")), address.to_string());
        prop_assert_eq!(x_forwarded_for(&format!("{spoofed}, {address}")), address.to_string());
    }
}
