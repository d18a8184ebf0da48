use super::*;

const ID: Uuid = Uuid::from_u128(0x0198_3c60_1f3e_7b52_8c11_3c9a_4b7d_0f10);

fn source(username: &str) -> String {
    let link = &format!("https://polls.example.org/verify?token={}", "0".repeat(64));
    let (from, to) = ("Polls <polls@example.org>".parse().unwrap(), "ann@example.org".parse().unwrap());
    let message = message(&from, &to, ID, &VerifyEmail { username, link }).unwrap();
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

#[test]
fn a_title_can_add_no_header() {
    let (from, to) = ("polls@example.org".parse().unwrap(), "ann@example.org".parse().unwrap());
    for title in ["Lunch?\r\nBcc: all@example.org", "Lunch?\nBcc: all@example.org", "“\r\n\r\nBcc: x”"] {
        let mail = Milestone { username: "ann", title, message: "", link: "" };
        let source = message(&from, &to, ID, &mail).unwrap().formatted();
        let source = String::from_utf8(source).unwrap();
        assert!(!headers(&source).iter().any(|line| line.starts_with("Bcc:")), "{source}");
        assert!(source.contains("ann"), "{source}");
    }
}

#[test]
fn a_mail_is_named_after_its_id_and_its_sender_s_domain() {
    let name = "Message-ID: <01983c60-1f3e-7b52-8c11-3c9a4b7d0f10@example.org>";
    assert!(headers(&source("ann")).contains(&name), "{}", source("ann"));
}
