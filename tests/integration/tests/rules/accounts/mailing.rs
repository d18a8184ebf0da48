//! Mails through a mail server.

use pollster_integration::{DEADLINE, MailServer, Stack, link, mailed_token, wait_until};

use super::*;

const FROM: &str = "Pollster of Example <polls@example.org>";

async fn with(server: &MailServer) -> Stack {
    Stack::builder().env("SMTP_URL", server.url()).env("MAIL_FROM", FROM).start().await
}

async fn mails(server: &MailServer, number: usize) {
    wait_until("the mails arrive", DEADLINE, async || (server.mails().len() >= number).then_some(())).await;
    assert_eq!(server.mails().len(), number);
}

#[tokio::test]
async fn a_mail_server_gets_the_mails() {
    let server = MailServer::start().await;
    let stack = with(&server).await;
    register(&stack, "ann").await;
    mails(&server, 1).await;
    let mail = &server.mails()[0];
    assert_eq!((mail.from.as_str(), &mail.to), ("polls@example.org", &vec!["ann@example.org".to_owned()]));
    for header in [
        "From: \"Pollster of Example\" <polls@example.org>\r\n",
        "To: ann@example.org\r\n",
        "Subject: Verify your e-mail address\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
    ] {
        assert!(mail.content.contains(header), "{header}: {}", mail.content);
    }
    let address = stack.gateway(0).address();
    assert!(link(&mail.content).starts_with(&format!("http://{address}/verify?token=")), "{}", mail.content);
    assert_eq!(verify(&stack, &mailed_token(&mail.content)).await.status, 204);
    assert_eq!(stack.mails().len(), 0, "none is written as a file");
}

#[tokio::test]
async fn a_mail_refused_for_the_moment_is_sent_again_and_one_refused_for_good_is_not() {
    let server = MailServer::start().await;
    let stack = with(&server).await;
    server.refuse_next(451);
    register(&stack, "ann").await;
    mails(&server, 1).await;
    assert_eq!((server.refused(), server.mails()[0].to[0].as_str()), (1, "ann@example.org"));

    server.refuse_next(550);
    register(&stack, "bob").await;
    let given_up = "a mail was not sent";
    wait_until("the mail is given up", DEADLINE, async || {
        stack.gateway(0).log().contains(given_up).then_some(())
    })
    .await;
    // The account is there, and its owner asks for another mail.
    ask(&stack, VERIFICATION, "bob@example.org").await;
    mails(&server, 2).await;
    assert_eq!((server.refused(), server.mails()[1].to[0].as_str()), (2, "bob@example.org"));
    let log = stack.gateway(0).log();
    assert!(log.contains("refused for good (550)"), "{log}");
    for secret in ["@example.org", "not now, or never", "token=", &server.url()] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn a_mail_in_hand_is_sent_before_the_gateway_ends() {
    let server = MailServer::start().await;
    let stack = with(&server).await;
    server.refuse_next(421);
    register(&stack, "ann").await;
    wait_until("the mail is refused", DEADLINE, async || (server.refused() == 1).then_some(())).await;
    assert!(stack.gateway(0).terminate().await.success());
    assert_eq!(server.mails().len(), 1);
}
