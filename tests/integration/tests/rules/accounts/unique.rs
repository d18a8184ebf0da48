//! An e-mail address and a username are one account's, however they are written.

use futures_util::future::join_all;
use pollster_integration::Stack;

use super::*;
use crate::errors::assert_problem;

#[tokio::test]
async fn a_name_in_other_letters_is_taken() {
    let stack = Stack::start().await;
    assert_eq!(
        post(&stack, ACCOUNTS, &registration("jörg@example.org", "Jörg", A_PASSWORD)).await.status,
        201
    );
    for (email, username, code) in [
        ("JÖRG@EXAMPLE.ORG", "another", "email_taken"),
        (" jörg@example.org ", "another", "email_taken"),
        ("another@example.org", "jÖRG", "username_taken"),
        ("another@example.org", "JÖRG\n", "username_taken"),
    ] {
        let reply = post(&stack, ACCOUNTS, &registration(email, username, A_PASSWORD)).await;
        assert_problem(&format!("{email} {username}"), &reply, 409, code);
    }
    assert_eq!(number_of(&stack, "users").await, 1);
    // As it was written first, found however it is written.
    let bearer = sign_in(&stack, "jÖrg@Example.Org", A_PASSWORD).await;
    let seen: Value = me(&stack, &bearer).await.json().unwrap();
    assert_eq!((&seen["email"], &seen["username"]), (&json!("jörg@example.org"), &json!("Jörg")));
}

#[tokio::test]
async fn of_many_who_ask_for_a_name_at_once_one_gets_it() {
    let stack = Stack::builder().gateways(2).start().await;
    let attempts = (0..8).map(|n| {
        let mut client = stack.client(n % 2);
        // The same username in turn with the same address, each in letters of its own.
        let cased = |text: &str| if n % 4 < 2 { text.to_uppercase() } else { text.to_owned() };
        let body = if n < 4 {
            registration(&cased("ann@example.org"), &format!("user-{n}"), A_PASSWORD)
        } else {
            registration(&format!("user-{n}@example.org"), &cased("ann"), A_PASSWORD)
        };
        async move { client.request(Method::POST, ACCOUNTS, &[JSON], body).await.unwrap() }
    });
    let replies = join_all(attempts).await;
    for (replies, code) in [(&replies[..4], "email_taken"), (&replies[4..], "username_taken")] {
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
        for reply in replies.iter().filter(|reply| reply.status != 201) {
            assert_problem("too late", reply, 409, code);
        }
    }
    assert_eq!(number_of(&stack, "users").await, 2);
}
