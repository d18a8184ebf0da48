//! What digests say, and to whom.

use pollster_integration::token;

use super::*;

#[tokio::test]
async fn a_digest_lists_the_polls_that_its_account_made_or_voted_in_and_that_took_votes_in_the_period() {
    let stack =
        Stack::builder().without_background().env("PUBLIC_URL", "https://polls.example.org/").start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    for account in [&ann, &bob] {
        choose(&stack, account, json!({"digest": "daily"})).await;
    }
    // A browser's poll of ann's own, with two votes.
    let own = stack.create_poll_as(&ann, &lunch()).await;
    for _ in 0..2 {
        stack.accepted(&own, &token(), None, own.ballot(0, 0)).await;
    }
    // Bob's, on which ann votes and bob does not.
    let voted = stack.create_poll_as(&bob, &titled("Voted in", &json!({}))).await;
    stack.vote_as(&ann, &voted, 1).await;
    // Made and voted in: listed once. Closed within the period.
    let both = stack.create_poll_as(&ann, &titled("Both", &json!({}))).await;
    stack.vote_as(&ann, &both, 0).await;
    // None of these: a vote taken back, another's vote, closed before the period, made after it, not begun.
    let revoked = stack.create_poll(&titled("Revoked", &json!({"allow_vote_change": true}))).await;
    stack.vote_as(&ann, &revoked, 0).await;
    let path = revoked.votes_path().to_string();
    assert_eq!(stack.request(Method::DELETE, &path, &[ann.header()], "").await.status, 202);
    let another = stack.create_poll(&titled("Another's", &json!({}))).await;
    let carol = stack.account("carol").await;
    stack.vote_as(&carol, &another, 0).await;
    let over = stack.create_poll_as(&ann, &titled("Over", &json!({}))).await;
    let new = stack.create_poll_as(&ann, &titled("New", &json!({}))).await;
    let mut scheduled = titled("Scheduled", &json!({}));
    scheduled["starts_at"] = json!("2999-01-01T00:00:00Z");
    let scheduled = stack.create_poll_as(&ann, &scheduled).await;
    stack.drained().await;
    for poll in [&own, &voted, &revoked, &another, &scheduled] {
        made_days_ago(&stack, poll, 2).await;
    }
    closed_before_today(&stack, &both, 1).await;
    closed_before_today(&stack, &over, 25).await;
    drop(new);

    let said = record(&stack, "daily").await;
    assert_eq!((&said["period"], &said["recorded"]), (&json!("daily"), &json!(2)));
    let expected =
        [json!(["Both", "closed", 1]), json!(["Voted in", "active", 1]), json!(["Lunch?", "active", 2])];
    assert_eq!(listed(&stack, &ann).await, expected);
    assert_eq!(listed(&stack, &bob).await, [json!(["Voted in", "active", 1])]);

    let told = told(&stack, &ann, "digest").await;
    let (message, data) = &told[0];
    assert!(message.starts_with("3 polls that you made or voted in were open on "), "{message}");
    assert_eq!((&data["period"], &data["from"], &data["more"]), (&json!("daily"), &said["from"], &json!(0)));
    assert_eq!(data["polls"][2]["url"], format!("https://polls.example.org/p/{}", own.slug));
    let seen: Value = stack.request(Method::GET, "/api/v1/me", &[ann.header()], "").await.json().unwrap();
    assert_eq!(seen["notifications"][0]["type"], "digest");
}

#[tokio::test]
async fn who_did_not_ask_or_has_nothing_in_it_gets_none() {
    let stack = Stack::builder().without_background().start().await;
    let [off, weekly, idle, daily] = ["off", "weekly", "idle", "daily"].map(|name| stack.account(name));
    let (off, weekly, idle, daily) = (off.await, weekly.await, idle.await, daily.await);
    choose(&stack, &weekly, json!({"digest": "weekly"})).await;
    choose(&stack, &idle, json!({"digest": "daily"})).await;
    choose(&stack, &daily, json!({"digest": "daily"})).await;
    for account in [&off, &weekly, &daily] {
        let poll = stack.create_poll_as(account, &of_accounts()).await;
        made_days_ago(&stack, &poll, 20).await;
    }
    assert_eq!(record(&stack, "daily").await["recorded"], 1);
    assert_eq!(listed(&stack, &daily).await.len(), 1);
    assert_eq!(record(&stack, "weekly").await["recorded"], 1);
    assert_eq!(listed(&stack, &weekly).await.len(), 1);
    for account in [&off, &idle] {
        assert!(told(&stack, account, "digest").await.is_empty());
    }
}

#[tokio::test]
async fn hidden_results_stay_hidden_to_voters_and_are_told_to_creators() {
    let stack = Stack::builder().without_background().start().await;
    let (creator, voter) = (stack.account("creator").await, stack.account("voter").await);
    for account in [&creator, &voter] {
        choose(&stack, account, json!({"digest": "daily"})).await;
    }
    for (title, visibility) in
        [("open", "after_close"), ("ended", "after_close"), ("voted", "after_vote"), ("shown", "always")]
    {
        let definition = titled(title, &json!({"result_visibility": visibility}));
        let poll = stack.create_poll_as(&creator, &definition).await;
        stack.vote_as(&voter, &poll, 0).await;
        stack.drained().await;
        match title {
            "ended" => closed_before_today(&stack, &poll, 2).await,
            _ => made_days_ago(&stack, &poll, 2).await,
        }
    }
    assert_eq!(record(&stack, "daily").await["recorded"], 2);
    let lines = |open: Value| {
        [
            json!(["shown", "active", 1]),
            json!(["voted", "active", 1]),
            json!(["ended", "closed", 1]),
            json!(["open", "active", open]),
        ]
    };
    assert_eq!(listed(&stack, &voter).await, lines(Value::Null));
    assert_eq!(listed(&stack, &creator).await, lines(json!(1)));
}

#[tokio::test]
async fn a_long_digest_lists_the_newest_50_and_counts_the_others() {
    let stack = Stack::builder().without_background().start().await;
    let ann = stack.account("ann").await;
    choose(&stack, &ann, json!({"digest": "weekly"})).await;
    for number in 0..53 {
        let poll = stack.create_poll_as(&ann, &titled(&number.to_string(), &json!({}))).await;
        made_days_ago(&stack, &poll, 20).await;
    }
    record(&stack, "weekly").await;
    let told = told(&stack, &ann, "digest").await;
    let (message, data) = &told[0];
    assert!(
        message.starts_with("53 polls that you made or voted in were open in the week from "),
        "{message}"
    );
    let titles: Vec<&str> =
        data["polls"].as_array().unwrap().iter().map(|poll| poll["title"].as_str().unwrap()).collect();
    assert_eq!(titles, (3..53).rev().map(|n: i32| n.to_string()).collect::<Vec<_>>());
    assert_eq!(data["more"], 3);
}
