use super::*;

fn source(username: &str) -> String {
    let link = &format!("https://polls.example.org/verify?token={}", "0".repeat(64));
    let (from, to) = ("Polls <polls@example.org>".parse().unwrap(), "ann@example.org".parse().unwrap());
    let message = message(&from, &to, &VerifyEmail { username, link }).unwrap();
    String::from_utf8(message.formatted()).unwrap()
}

/// The headers of the message itself.
fn headers(source: &str) -> Vec<&str> {
    let (headers, _) = source.split_once("\r\n\r\n").unwrap();
    headers.lines().filter(|line| !line.starts_with(' ')).collect()
}

#[test]
fn links_stay_whole_in_a_mail_s_source() {
    let link = format!("\r\nhttps://polls.example.org/verify?token={}\r\n", "0".repeat(64));
    assert!(source("ann").contains(&link), "{}", source("ann"));
}

#[test]
fn every_line_ends_as_it_must_and_fits() {
    for username in ["ann", "jörg", &"x".repeat(2000)] {
        let source = source(username);
        assert!(source.split("\r\n").all(|line| line.len() <= MAX_LINE && !line.contains(['\r', '\n'])));
    }
}

#[test]
fn a_name_can_add_no_header_and_no_part() {
    let names = |source: &str| -> Vec<String> {
        headers(source).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    let usual = source("ann");
    let parts = |source: &str| source.matches("Content-Type:").count();
    // No account has such a name, and it would do no harm.
    let injected = source("ann\r\nBcc: all@example.org\r\n\r\n--x\r\nContent-Type : text/html\r\n");
    assert_eq!(names(&injected), names(&usual));
    assert_eq!(parts(&injected), parts(&usual));
    assert!(!names(&injected).contains(&"Bcc".to_owned()));
}

#[test]
fn an_address_can_add_no_header() {
    for address in ["ann@example.org\r\nBcc: all@example.org", "ann@example.org\nX: y", "a\r\nb@example.org"]
    {
        assert!(address.parse::<Address>().is_err(), "{address:?}");
    }
}
