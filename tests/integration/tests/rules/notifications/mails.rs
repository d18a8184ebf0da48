//! Notifications by mail.

use pollster_integration::{Builder, DEADLINE, MailServer, Receiver, link, wait_until};
use pollster_shared::notifications::POLL_CLOSED;

use super::bed::{Bed, notifiers};

fn with(server: &MailServer) -> Builder {
    notifiers(1)
        .env("SMTP_URL", server.url())
        .env("MAIL_FROM", "Pollster <polls@example.org>")
        .env("PUBLIC_URL", "https://polls.example.org/")
}

#[tokio::test]
async fn a_mail_says_what_happened_and_is_the_same_mail_at_every_attempt() {
    let server = MailServer::start().await;
    let bed = Bed::start(with(&server)).await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    server.refuse_next(451);
    let id = bed.notify(&poll, Some(ann), 100).await;
    let delivered = bed.delivery(id, "email", |delivery| delivery.delivered).await;
    assert_eq!((delivered.attempts, server.refused(), server.mails().len()), (2, 1, 1));
    let mail = &server.mails()[0];
    assert_eq!(mail.to, ["ann@example.org"]);
    assert!(mail.content.contains(&format!("Message-ID: <{id}@example.org>\r\n")), "{}", mail.content);
    assert_eq!(link(&mail.content), format!("https://polls.example.org/p/{}", poll.slug));
    assert!(mail.content.contains("Auto-Submitted: auto-generated\r\n"));

    let closed = format!("{POLL_CLOSED}:{}", poll.poll_id);
    let closed = bed.record_event(closed, POLL_CLOSED, &poll, Some(ann)).await.unwrap();
    bed.delivery(closed, "email", |delivery| delivery.delivered).await;
    let mail = &server.mails()[1];
    assert!(mail.content.contains(&format!("Message-ID: <{closed}@example.org>\r\n")), "{}", mail.content);
    assert_eq!(link(&mail.content), format!("https://polls.example.org/p/{}", poll.slug));
}

#[tokio::test]
async fn a_mail_refused_for_good_is_given_up_and_other_ways_are_not() {
    let server = MailServer::start().await;
    let bed = Bed::start(with(&server)).await;
    let receiver = Receiver::start().await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    let url = receiver.url().replace("hook", "a-secret-path");
    let secret = bed.webhook(&poll, &url).await;
    server.refuse_next(550);
    receiver.fail_next(1);
    let id = bed.notify(&poll, Some(ann), 100).await;
    let given_up = bed.delivery(id, "email", |delivery| delivery.given_up).await;
    let error = "the mail server did not take the mail: refused for good (550)";
    assert_eq!((given_up.attempts, given_up.error.as_deref()), (1, Some(error)));
    bed.delivery(id, "in_app", |delivery| delivery.delivered).await;
    bed.delivery(id, "webhook", |delivery| delivery.delivered).await;
    assert_eq!(bed.dead_letters().await.len(), 1);
    // What the receiver refused and what the mail server said are logged, and nothing that is nobody's business.
    let log = bed.stack.background().log();
    assert!(log.contains("a delivery failed") && log.contains("refused for good (550)"), "{log}");
    let secret = format!("{secret:?}");
    for private in ["@example.org", "not now, or never", "a-secret-path", secret.as_str(), &server.url()] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}

#[tokio::test]
async fn a_mail_server_that_hangs_is_timed_out_and_holds_up_no_webhook() {
    let server = MailServer::start().await;
    let bed = Bed::start(with(&server)).await;
    let receiver = Receiver::start().await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    bed.webhook(&poll, &receiver.url()).await;
    server.hang_next();
    let id = bed.notify(&poll, Some(ann), 100).await;
    wait_until("the server hangs", DEADLINE, async || server.has_hung().then_some(())).await;
    bed.delivery(id, "webhook", |delivery| delivery.delivered).await;
    let failed = bed.delivery(id, "email", |delivery| delivery.error.is_some()).await;
    let error = "the mail server took too long";
    assert_eq!((failed.error.as_deref(), failed.given_up), (Some(error), false));
    bed.delivery(id, "email", |delivery| delivery.delivered).await;
    assert_eq!((server.mails().len(), receiver.received().len()), (1, 1));
}

#[tokio::test]
async fn who_turns_mails_off_gets_none_that_was_still_to_come() {
    let server = MailServer::start().await;
    let bed = Bed::start(with(&server)).await;
    bed.stack.background().kill().await;
    let (ann, bob) = (bed.account("ann").await, bed.account("bob").await);
    let poll = bed.poll(Some(ann)).await;
    let to_ann = bed.record(&poll, Some(ann), 100).await.unwrap();
    let to_bob = bed.record(&poll, Some(bob), 1000).await.unwrap();
    bed.chooses(ann, "notify_email = false").await;
    bed.stack.background().restart().await;
    bed.delivery(to_bob, "email", |delivery| delivery.delivered).await;
    wait_until("the mail is withdrawn", DEADLINE, async || {
        (bed.channels(to_ann).await == ["in_app"]).then_some(())
    })
    .await;
    assert_eq!(server.mails().len(), 1);
}
