//! Nudges: who is reminded, and how seldom.

use pollster_integration::{DEADLINE, PollView, Stack, TestAccount, wait_until};
use serde_json::json;

use crate::digests::{choose, of_accounts, told};

/// An account that wants nudges.
async fn nudged(stack: &Stack, name: &str) -> TestAccount {
    let account = stack.account(name).await;
    choose(stack, &account, json!({"nudges": true})).await;
    account
}

/// Lets this account's vote be these days old.
async fn voted_days_ago(stack: &Stack, account: &TestAccount, poll: &PollView, days: i32) {
    stack.vote_as(account, poll, 0).await;
    stack.drained().await;
    // The last vote of all is the only one of today.
    let age = "UPDATE responses SET submitted_at = submitted_at - make_interval(days => $1) \
               WHERE submitted_at > now() - interval '1 hour'";
    let database = stack.database().connect().await;
    assert_eq!(database.execute(age, &[&days]).await.unwrap(), 1);
}

/// Records that the account was nudged these days ago.
async fn was_nudged(stack: &Stack, account: &TestAccount, days: i32) {
    let insert = "INSERT INTO notifications (notification_id, recipient, type, message, event, created_at) \
                  SELECT gen_random_uuid(), id, 'nudge', 'earlier', gen_random_uuid(), \
                         now() - make_interval(days => $2) FROM users WHERE subject = $1";
    let database = stack.database().connect().await;
    assert_eq!(database.execute(insert, &[&account.subject, &days]).await.unwrap(), 1);
}

/// Has nudges recorded: that is done when the program starts, and every day. The account is nudged last of all.
async fn record(stack: &Stack, last: &TestAccount, nudges: usize) {
    stack.background().restart().await;
    wait_until("the last is nudged", DEADLINE, async || {
        (told(stack, last, "nudge").await.len() == nudges).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_asked_for_it_and_has_not_voted_in_two_weeks_is_nudged() {
    let stack = Stack::start().await;
    let (poll, other) = (stack.create_poll(&of_accounts()).await, stack.create_poll(&of_accounts()).await);
    let (ann, never, lately, again) = (
        nudged(&stack, "ann").await,
        nudged(&stack, "never").await,
        nudged(&stack, "lately").await,
        nudged(&stack, "again").await,
    );
    let off = stack.account("off").await;
    let last = nudged(&stack, "last").await;
    voted_days_ago(&stack, &ann, &poll, 15).await;
    voted_days_ago(&stack, &lately, &poll, 13).await;
    voted_days_ago(&stack, &again, &poll, 40).await;
    voted_days_ago(&stack, &again, &other, 1).await;
    voted_days_ago(&stack, &off, &poll, 20).await;
    voted_days_ago(&stack, &last, &poll, 20).await;
    record(&stack, &last, 1).await;

    let nudge = &told(&stack, &ann, "nudge").await[0];
    assert!(nudge.0.starts_with("You have not voted since "), "{nudge:?}");
    assert!(nudge.1["last_voted_at"].is_string(), "{nudge:?}");
    for account in [&never, &lately, &again, &off] {
        assert!(told(&stack, account, "nudge").await.is_empty());
    }
}

#[tokio::test]
async fn nobody_is_nudged_twice_in_thirty_days() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&of_accounts()).await;
    let (lately, once) = (nudged(&stack, "lately").await, nudged(&stack, "once").await);
    let first = nudged(&stack, "first").await;
    for account in [&lately, &once, &first] {
        voted_days_ago(&stack, account, &poll, 50).await;
    }
    was_nudged(&stack, &lately, 29).await;
    was_nudged(&stack, &once, 31).await;
    record(&stack, &first, 1).await;
    let second = nudged(&stack, "second").await;
    voted_days_ago(&stack, &second, &poll, 50).await;
    record(&stack, &second, 1).await;
    let mut numbers = Vec::new();
    for account in [&lately, &once, &first] {
        numbers.push(told(&stack, account, "nudge").await.len());
    }
    assert_eq!(numbers, [1, 2, 1]);
}

#[tokio::test]
async fn who_has_been_away_for_long_is_left_alone() {
    let stack = Stack::start().await;
    let (old, new) = (stack.create_poll(&of_accounts()).await, stack.create_poll(&of_accounts()).await);
    let (gone, last) = (nudged(&stack, "gone").await, nudged(&stack, "last").await);
    voted_days_ago(&stack, &gone, &old, 95).await;
    voted_days_ago(&stack, &last, &new, 95).await;
    let close = "UPDATE polls SET created_at = now() - interval '99 days', \
                 closed_at = now() - interval '91 days' WHERE poll_id = $1";
    stack.database().connect().await.execute(close, &[&old.poll_id]).await.unwrap();
    record(&stack, &last, 1).await;
    assert!(told(&stack, &gone, "nudge").await.is_empty());
}
