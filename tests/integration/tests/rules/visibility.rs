//! Who sees results, and when: every cell of identity, visibility, who asks and when.

use pollster_integration::{
    DEADLINE, EventStream, PollView, Stack, TestAccount, Viewer, lunch, token, wait_until,
};
use serde_json::{Value, json};

const IDENTITIES: [&str; 3] = ["account", "browser", "browser_and_address"];
const VISIBILITIES: [&str; 3] = ["always", "after_vote", "after_close"];

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The account that made the poll.
    Creator,
    /// An admin, who made nothing.
    Admin,
    /// Somebody who votes on the poll.
    Voter,
    /// Somebody who could vote and does not.
    Bystander,
    /// Somebody who does not say who they are.
    Nobody,
}

const EVERYBODY: [Who; 5] = [Who::Creator, Who::Admin, Who::Voter, Who::Bystander, Who::Nobody];

/// When they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Scheduled,
    BeforeTheVote,
    AfterTheVote,
    Closed,
}

/// The rule that the table holds.
fn is_shown(visibility: &str, who: Who, when: When) -> bool {
    match (visibility, who) {
        (_, Who::Creator | Who::Admin) | ("always", _) => true,
        ("after_vote", Who::Voter) => matches!(when, When::AfterTheVote | When::Closed),
        ("after_vote", _) => false,
        ("after_close", _) => when == When::Closed,
        _ => unreachable!("{visibility}"),
    }
}

/// The people of a stack.
struct People {
    creator: TestAccount,
    admin: TestAccount,
    voter: (TestAccount, String),
    bystander: (TestAccount, String),
}

impl People {
    async fn of(stack: &Stack) -> Self {
        Self {
            creator: stack.account("creator").await,
            admin: stack.admin("admin").await,
            voter: (stack.account("voter").await, token()),
            bystander: (stack.account("bystander").await, token()),
        }
    }

    /// The header that says who asks.
    fn header(&self, who: Who, identity: &str) -> Option<(&'static str, &str)> {
        let voter = |(account, token): &'_ (TestAccount, String)| match identity {
            "account" => ("authorization", account.bearer.clone()),
            _ => ("x-voter-token", token.clone()),
        };
        let (name, _) = voter(&self.voter);
        match who {
            Who::Creator => Some(self.creator.header()),
            Who::Admin => Some(self.admin.header()),
            Who::Voter if identity == "account" => Some((name, &self.voter.0.bearer)),
            Who::Voter => Some((name, &self.voter.1)),
            Who::Bystander if identity == "account" => Some((name, &self.bystander.0.bearer)),
            Who::Bystander => Some((name, &self.bystander.1)),
            Who::Nobody => None,
        }
    }
}

async fn create(stack: &Stack, people: &People, identity: &str, visibility: &str, starts: Value) -> PollView {
    let mut poll = lunch();
    poll["starts_at"] = starts;
    poll["settings"] = json!({"voter_identity": identity, "result_visibility": visibility});
    let headers = [("content-type", "application/json"), people.creator.header()];
    let reply = stack.request(hyper::Method::POST, "/api/v1/polls", &headers, &poll.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json().unwrap()
}

/// Asks on every way there is, and holds each answer against the rule.
async fn check(stack: &Stack, people: &People, poll: &PollView, cell: (&str, &str, Who, When)) {
    let (identity, visibility, who, when) = cell;
    let shown = is_shown(visibility, who, when);
    let header: Vec<(&str, &str)> = people.header(who, identity).into_iter().collect();
    let path = format!("/api/v1/polls/{}", poll.poll_id);

    let results = stack.request(hyper::Method::GET, &format!("{path}/results"), &header, "").await;
    if shown {
        assert_eq!(results.status, 200, "{cell:?}: {}", results.text());
        assert!(results.headers.contains_key("etag"), "{cell:?}");
    } else {
        let code = results.code();
        assert_eq!((results.status.as_u16(), code.as_deref()), (403, Some("results_hidden")), "{cell:?}");
        assert!(!results.headers.contains_key("etag"), "{cell:?}");
        assert_tells_nothing(&results.json().unwrap(), cell);
    }
    // A tag that would match tells nothing either.
    let tagged: Vec<_> = header.iter().copied().chain([("if-none-match", "*")]).collect();
    let tagged = stack.request(hyper::Method::GET, &format!("{path}/results"), &tagged, "").await;
    assert_eq!(tagged.status, if shown { 304 } else { 403 }, "{cell:?}");

    let read: Value = stack.request(hyper::Method::GET, &path, &header, "").await.json().unwrap();
    assert_eq!(read.get("results").is_some(), shown, "{cell:?}: {read}");
    if !shown {
        assert_tells_nothing(&read, cell);
    }
    check_socket(stack, people, poll, cell, shown).await;
    check_stream(stack, poll, &header, cell, shown).await;
}

async fn check_socket(
    stack: &Stack,
    people: &People,
    poll: &PollView,
    cell: (&str, &str, Who, When),
    shown: bool,
) {
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    let mut subscribe = json!({"type": "subscribe", "poll_id": poll.poll_id});
    match people.header(cell.2, cell.0) {
        Some(("authorization", bearer)) => subscribe["access_token"] = json!(bearer.strip_prefix("Bearer ")),
        Some((_, token)) => subscribe["voter_token"] = json!(token),
        None => {}
    }
    viewer.say(subscribe).await;
    if shown {
        let frame = viewer.next("results").await;
        assert_eq!(frame["poll_id"], json!(poll.poll_id), "{cell:?}");
        return;
    }
    let error = viewer.next("error").await;
    assert_eq!(
        (&error["code"], &error["poll_id"]),
        (&json!("results_hidden"), &json!(poll.poll_id)),
        "{cell:?}"
    );
    if cell.3 == When::Closed {
        viewer.next("poll_closed").await;
    }
    viewer.ping().await;
    viewer.frames().iter().for_each(|frame| assert_tells_nothing(frame, cell));
}

async fn check_stream(
    stack: &Stack,
    poll: &PollView,
    header: &[(&str, &str)],
    cell: (&str, &str, Who, When),
    shown: bool,
) {
    let mut stream = EventStream::ask(stack.gateway(0).address(), poll.poll_id, header).await.unwrap();
    if shown {
        stream.next("results").await;
        return;
    }
    assert_eq!(stream.next("error").await.data["code"], "results_hidden", "{cell:?}");
    if cell.3 == When::Closed {
        stream.next("poll_closed").await;
    }
    stream.events().iter().for_each(|event| assert_tells_nothing(&event.data, cell));
}

/// Nothing in the answer depends on votes: no total, no version, no count.
fn assert_tells_nothing(answer: &Value, cell: (&str, &str, Who, When)) {
    let text = answer.to_string();
    for word in ["total_votes", "version", "percentage", "\"votes\"", "choice:", "question:"] {
        assert!(!text.contains(word), "{cell:?}: {word} in {text}");
    }
}

async fn check_all(
    stack: &Stack,
    people: &People,
    poll: &PollView,
    identity: &str,
    visibility: &str,
    when: When,
) {
    for who in EVERYBODY {
        check(stack, people, poll, (identity, visibility, who, when)).await;
    }
}

async fn vote(stack: &Stack, people: &People, poll: &PollView, identity: &str, who: Who) {
    let headers = [("content-type", "application/json"), people.header(who, identity).unwrap()];
    let ballot = poll.ballot(0, 0);
    let body = std::str::from_utf8(&ballot).unwrap();
    let reply = stack.request(hyper::Method::POST, &poll.votes_path().to_string(), &headers, body).await;
    assert_eq!(reply.status, 202, "{identity}: {}", reply.text());
}

#[tokio::test]
async fn results_show_in_every_cell_as_the_poll_says() {
    let stack = Stack::start().await;
    let people = People::of(&stack).await;
    for identity in IDENTITIES {
        for visibility in VISIBILITIES {
            let scheduled =
                create(&stack, &people, identity, visibility, json!("2100-01-01T00:00:00Z")).await;
            check_all(&stack, &people, &scheduled, identity, visibility, When::Scheduled).await;
            let poll = create(&stack, &people, identity, visibility, Value::Null).await;
            check_all(&stack, &people, &poll, identity, visibility, When::BeforeTheVote).await;
            vote(&stack, &people, &poll, identity, Who::Voter).await;
            // From the moment of the 202, whether it is counted yet or not.
            check_all(&stack, &people, &poll, identity, visibility, When::AfterTheVote).await;
            close(&stack, &people, &poll).await;
            check_all(&stack, &people, &poll, identity, visibility, When::Closed).await;
        }
    }
}

/// Closes the poll, and waits until its results are final.
async fn close(stack: &Stack, people: &People, poll: &PollView) {
    let path = format!("/api/v1/polls/{}", poll.poll_id);
    let creator = [people.creator.header()];
    let closed = stack.request(hyper::Method::POST, &format!("{path}/close"), &creator, "").await;
    assert_eq!(closed.status, 200, "{}", closed.text());
    wait_until("the results are final", DEADLINE, async || {
        let results = stack.request(hyper::Method::GET, &format!("{path}/results"), &creator, "").await;
        (results.json::<Value>().unwrap()["final"] == true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_waiting_viewer_sees_the_results_once_the_poll_is_closed() {
    let stack = Stack::start().await;
    let mut poll = lunch();
    poll["settings"] = json!({"result_visibility": "after_close"});
    let poll = stack.create_poll(&poll).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("error").await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    viewer.ping().await;
    assert!(viewer.frames_of("results").is_empty());
    assert_eq!(stack.close(&poll).await.status, 200);
    let closed = viewer.next("poll_closed").await;
    assert_eq!(closed["total_votes"], 1);
}

#[tokio::test]
async fn a_voter_who_subscribes_again_sees_the_results() {
    let stack = Stack::start().await;
    let mut poll = lunch();
    poll["settings"] = json!({"result_visibility": "after_vote", "allow_vote_change": true});
    let poll = stack.create_poll(&poll).await;
    let voter = token();
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    let subscribe = json!({"type": "subscribe", "poll_id": poll.slug, "voter_token": voter});
    viewer.say(subscribe.clone()).await;
    assert_eq!(viewer.next("error").await["code"], "results_hidden");
    stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    viewer.say(subscribe.clone()).await;
    viewer.next_where("the own vote", |frame| frame["type"] == "results" && frame["total_votes"] == 1).await;

    // Who takes the vote back is as if they had not voted.
    let headers = [("x-voter-token", voter.as_str())];
    let revoked = stack.request(hyper::Method::DELETE, &poll.votes_path().to_string(), &headers, "").await;
    assert_eq!(revoked.status, 202);
    stack.drained().await;
    let path = format!("/api/v1/polls/{}/results", poll.poll_id);
    assert_eq!(stack.request(hyper::Method::GET, &path, &headers, "").await.status, 403);
}
