use super::*;

const USERNAME: &str = "ann.o-neil_7";
const LINK: &str = "https://polls.example.org/open?token=0123456789abcdef&x=<y>";

/// Subject and texts, as a reader would get them.
fn rendered(mail: &impl Template) -> String {
    format!("Subject: {}\n\n{}\n{}", mail.subject(), mail.text(), mail.html())
}

/// Holds a mail against its snapshot, naming the first line that differs.
fn assert_snapshot(name: &str, mail: &impl Template, snapshot: &str) {
    let rendered = rendered(mail);
    let mut lines = rendered.lines().zip(snapshot.lines()).zip(1..);
    if let Some(((now, before), line)) = lines.find(|((now, before), _)| now != before) {
        panic!(
            "{name}.snapshot, line {line}:\n- {before}\n+ {now}\nIf it is meant, the file becomes:\n{rendered}"
        );
    }
    assert_eq!(rendered.len(), snapshot.len(), "{name}.snapshot; if it is meant, it becomes:\n{rendered}");
}

#[test]
fn mails_read_as_their_snapshots() {
    let mail = VerifyEmail { username: USERNAME, link: LINK };
    assert_snapshot("verify_email", &mail, include_str!("verify_email.snapshot"));
    let mail = ResetPassword { username: USERNAME, link: LINK };
    assert_snapshot("reset_password", &mail, include_str!("reset_password.snapshot"));
}
