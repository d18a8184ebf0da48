//! The pages of polls: what they hold of them, and who is told.

use pollster_integration::{DEADLINE, PollView, lunch, token, wait_until};
use serde_json::json;

use super::*;

const TITLE: &str = "</script><script>alert(\"1\")</script> & <!-- \u{2028}'tea'";
const URL: &str = "https://polls.example/base";

/// The poll in the page at `path`, which must be there.
async fn poll_at(stack: &Stack, path: &str) -> Value {
    let page = stack.get(path).await;
    assert_page(path, &page, 200);
    data(&page.text())["poll"].clone()
}

async fn delete(stack: &Stack, poll: &PollView) {
    let headers = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    let reply = stack.request(Method::DELETE, &format!("/api/v1/polls/{}", poll.poll_id), &headers, "").await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_poll_s_pages_hold_it_as_the_api_gives_it_to_everybody() {
    let Some(stack) = with_app(Stack::builder()).await else { return };
    let mut definition = lunch();
    definition["title"] = json!(TITLE);
    definition["description"] = json!("</SCRIPT> ]]> \u{2029} \\u003c");
    let poll = stack.create_poll(&definition).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    stack.assert_exact(&poll).await;
    let read: Value = stack.get(&format!("/api/v1/polls/{}", poll.slug)).await.json().unwrap();
    assert_eq!((&read["title"], &read["results"]["total_votes"]), (&json!(TITLE), &json!(1)));
    for name in [poll.slug.clone(), poll.slug.to_uppercase(), poll.poll_id.to_string()] {
        for path in pages_of(&name) {
            assert_eq!(poll_at(&stack, &path).await, read, "{path}");
        }
    }
    let html = stack.get(&format!("/p/{}", poll.slug)).await.text();
    assert!(!html.to_lowercase().contains("<script>") && !html.contains("<!-- '"), "{html}");
}

#[tokio::test]
async fn a_ballot_is_read_before_the_app_runs() {
    let Some(stack) = with_app(Stack::builder()).await else { return };
    let question = json!({"text": "<b>Where</b>?", "choices": ["Thai & co", "Pizza"]});
    let poll =
        stack.create_poll(&json!({"title": TITLE, "description": "at 1", "questions": [question]})).await;
    let html = stack.get(&format!("/p/{}", poll.slug)).await.text();
    let title = TITLE.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let title = title.replace('"', "&quot;").replace('\'', "&#39;");
    let expected = format!(
        "<main class=\"first-poll\"><div><h1>{title}</h1><p>at 1</p><h2>&lt;b&gt;Where&lt;/b&gt;?</h2>\
         <ul><li>Thai &amp; co</li><li>Pizza</li></ul></div></main>"
    );
    assert_eq!(picture(&html), expected);
    // The question that is the title stands once; pages that show something else show nothing before.
    let asked = json!({"text": "Lunch?", "choices": ["Thai", "Pizza"]});
    let poll = stack.create_poll(&json!({"title": "Lunch?", "questions": [asked]})).await;
    let pages = pages_of(&poll.slug);
    let html = stack.get(&pages[0]).await.text();
    assert_eq!(picture(&html).matches("Lunch?").count(), 1, "{html}");
    for path in &pages[1..] {
        assert_eq!(picture(&stack.get(path).await.text()), "", "{path}");
    }
}

#[tokio::test]
async fn hidden_results_are_hidden_in_pages_from_everybody() {
    let Some(stack) = with_app(Stack::builder()).await else { return };
    for visibility in ["after_vote", "after_close"] {
        let mut definition = lunch();
        definition["settings"] = json!({"result_visibility": visibility});
        let poll = stack.create_poll(&definition).await;
        let voter = token();
        stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
        let manage_token = poll.manage_token.as_deref().unwrap();
        wait_until("the vote is counted", DEADLINE, async || {
            let path = format!("/api/v1/polls/{}/results", poll.poll_id);
            let results = stack.request(Method::GET, &path, &[("x-manage-token", manage_token)], "").await;
            (results.json::<Value>().unwrap()["total_votes"] == 1).then_some(())
        })
        .await;
        // A page is the same for all, so nobody's token counts.
        for headers in [&[][..], &[("x-voter-token", voter.as_str())], &[("x-manage-token", manage_token)]] {
            for path in pages_of(&poll.slug) {
                let html = stack.request(Method::GET, &path, headers, "").await.text();
                let shown = &data(&html)["poll"];
                assert_eq!(shown["slug"], poll.slug.as_str(), "{path}");
                assert!(shown.get("results").is_none() && shown.get("voted").is_none(), "{path}: {shown}");
                assert!(!html.contains("total_votes") && !html.contains(manage_token), "{path}: {html}");
            }
        }
        stack.close(&poll).await;
        let results = poll_at(&stack, &format!("/p/{}", poll.slug)).await["results"].take();
        assert_eq!(results["total_votes"] == 1, visibility == "after_close", "{results}");
        assert_eq!(results.is_null(), visibility == "after_vote", "{results}");
    }
}

#[tokio::test]
async fn a_link_to_a_poll_shows_what_it_asks() {
    let Some(stack) = with_app(Stack::builder().env("PUBLIC_URL", format!("{URL}/"))).await else { return };
    let mut definition = lunch();
    definition["title"] = json!(TITLE);
    let asking = stack.create_poll(&definition).await;
    definition["description"] = json!("Today's \"lunch\",\n\n  <b>or not</b>.");
    let described = stack.create_poll(&definition).await;
    let title = "&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;!-- \u{2028}&#39;tea&#39;";
    for (poll, description) in [
        (asking, "Where? Thai · Pizza"),
        (described, "Today&#39;s &quot;lunch&quot;, &lt;b&gt;or not&lt;/b&gt;."),
    ] {
        for path in pages_of(&poll.slug) {
            let html = stack.get(&path).await.text();
            assert_eq!(between(&html, "<title>", "</title>"), title, "{path}");
            assert_eq!(meta(&html, "og:title"), title, "{path}");
            for name in ["description", "og:description"] {
                assert_eq!(meta(&html, name), description, "{path}: {name}");
            }
            assert_eq!(meta(&html, "og:url"), format!("{URL}/p/{}", poll.slug), "{path}");
            assert_eq!(meta(&html, "og:site_name"), "Pollster", "{path}");
            assert_eq!(meta(&html, "og:type"), "website", "{path}");
            assert_eq!(meta(&html, "twitter:card"), "summary", "{path}");
            assert_eq!(html.matches("<title>").count(), 1, "{path}");
        }
    }
    let home = stack.get("/").await.text();
    assert_eq!((meta(&home, "og:title"), meta(&home, "og:url")), ("Pollster", URL));
}

#[tokio::test]
async fn a_poll_that_is_not_there_is_not_found() {
    let Some(stack) = with_app(Stack::builder()).await else { return };
    let poll = stack.create_poll(&lunch()).await;
    assert_eq!(poll_at(&stack, &format!("/p/{}", poll.slug)).await["title"], "Lunch?");
    delete(&stack, &poll).await;
    for name in ["no-such-slug", "%00", "%3Cb%3E", &"x".repeat(2000), &poll.slug, &token()] {
        for path in pages_of(name) {
            let page = stack.get(&path).await;
            assert_page(&path, &page, 404);
            let html = page.text();
            assert_eq!(data(&html)["poll"], Value::Null, "{path}");
            assert_eq!(between(&html, "<title>", "</title>"), "Pollster", "{path}");
        }
    }
}

#[tokio::test]
async fn pages_are_served_while_nobody_can_say_what_is_there() {
    let Some(stack) = with_app(Stack::builder().own_postgres()).await else { return };
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/p/{}", poll.slug);
    assert_eq!(poll_at(&stack, &path).await["title"], "Lunch?");
    stack.redis().stop().await;
    assert_eq!(poll_at(&stack, &path).await["title"], "Lunch?", "PostgreSQL knows");
    stack.database().stop_server().await;
    for path in [path.as_str(), "/p/never-heard-of", "/"] {
        assert_eq!(poll_at(&stack, path).await, Value::Null, "{path}");
    }
    stack.redis().restart().await;
    stack.database().restart_server().await;
    wait_until("the page has its poll again", DEADLINE, async || {
        (poll_at(&stack, &path).await["title"] == "Lunch?").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_page_does_not_wait_for_a_poll_that_takes_long_to_read() {
    let Some(stack) = with_app(Stack::builder()).await else { return };
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/p/{}", poll.slug);
    assert_eq!(poll_at(&stack, &path).await["title"], "Lunch?");
    // PostgreSQL would know, but only after Redis was given up, which takes longer than a page waits.
    stack.redis().freeze().await;
    assert_eq!(poll_at(&stack, &path).await, Value::Null);
    stack.redis().thaw().await;
    wait_until("the page has its poll again", DEADLINE, async || {
        (poll_at(&stack, &path).await["title"] == "Lunch?").then_some(())
    })
    .await;
}
