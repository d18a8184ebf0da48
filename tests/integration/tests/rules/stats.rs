//! A poll's votes over time, as its creator is told.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use hyper::{Method, StatusCode};
use pollster_integration::{Counts, Database, PollView, Reply, Stack, ballot, lunch, survey, token};
use serde_json::{Value, json};

use crate::errors::{JSON, assert_problem};

async fn ask(stack: &Stack, poll: &PollView, query: &str, headers: &[(&str, &str)]) -> Reply {
    let path = format!("/api/v1/polls/{}/stats{query}", poll.slug);
    stack.request(Method::GET, &path, headers, "").await
}

/// The statistics, as the poll's maker is told.
async fn stats(stack: &Stack, poll: &PollView, query: &str) -> Value {
    let headers = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    ask(stack, poll, query, &headers).await.expect(StatusCode::OK).unwrap().json().unwrap()
}

/// The votes of each choice over all minutes.
fn summed(stats: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for minute in stats["minutes"].as_array().unwrap() {
        for (choice, votes) in minute["votes"].as_object().unwrap() {
            *sums.entry(format!("choice:{choice}")).or_default() += votes.as_i64().unwrap();
        }
    }
    sums
}

/// The counts of the choices that have any.
fn chosen(counts: &Counts) -> BTreeMap<String, i64> {
    let chosen = counts.results.iter().filter(|(name, votes)| name.starts_with("choice:") && **votes != 0);
    chosen.map(|(name, votes)| (name.clone(), *votes)).collect()
}

#[tokio::test]
async fn the_minutes_add_up_to_the_results() {
    let stack = Stack::builder().aggregators(2).start().await;
    let mut definition = survey();
    definition["settings"] = json!({"allow_vote_change": true});
    let poll = stack.create_poll(&definition).await;
    let before = Utc::now() - TimeDelta::minutes(1);
    let voters: Vec<String> = (0..12).map(|_| token()).collect();
    for (number, voter) in voters.iter().enumerate() {
        let voted = ballot(&poll, &[(0, &[number % 2]), (2, &[0, 1 + number % 3])]);
        stack.accepted(&poll, voter, None, voted).await;
    }
    let path = poll.votes_path().to_string();
    for voter in &voters[..3] {
        let headers = [("x-voter-token", voter.as_str())];
        assert_eq!(stack.request(Method::DELETE, &path, &headers, "").await.status, 202);
        let headers = [JSON, ("x-voter-token", &voters[5])];
        let body = ballot(&poll, &[(2, &[2, 3])]);
        let body = std::str::from_utf8(&body).unwrap();
        assert_eq!(stack.request(Method::PUT, &path, &headers, body).await.status, 202);
    }
    let counts = stack.assert_exact(&poll).await;
    let served = stats(&stack, &poll, "").await;
    assert_eq!((&served["poll_id"], &served["next_from"]), (&json!(poll.poll_id), &Value::Null));
    assert_eq!(summed(&served), chosen(&counts));
    let times: Vec<DateTime<Utc>> = served["minutes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|minute| minute["at"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(
        times.iter().all(|at| before < *at && *at <= Utc::now() && at.timestamp() % 60 == 0),
        "{times:?}"
    );
    assert!(times.is_sorted());

    stack.close(&poll).await;
    stack.final_results(&poll).await;
    assert_eq!(stats(&stack, &poll, "").await, served, "they stay after the end");
}

#[tokio::test]
async fn a_poll_without_votes_has_no_minutes() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let empty = json!({"poll_id": poll.poll_id, "minutes": [], "next_from": null});
    assert_eq!(stats(&stack, &poll, "").await, empty);
    assert_eq!(stats(&stack, &poll, "?from=&to=").await, empty);
}

#[tokio::test]
async fn only_who_manages_the_poll_is_told() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let admin = stack.admin("root").await;
    let headers = [JSON, ada.header()];
    let made = stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await;
    let hers: PollView = made.expect(StatusCode::CREATED).unwrap().json().unwrap();
    let anonymous = stack.create_poll(&lunch()).await;
    let manage_token = anonymous.manage_token.as_deref().unwrap();
    stack.accepted(&hers, &token(), None, hers.ballot(0, 0)).await;

    for poll in [&hers, &anonymous] {
        let nobody = ask(&stack, poll, "", &[]).await;
        assert_problem("nobody", &nobody, 401, "unauthenticated");
        let voter = ask(&stack, poll, "", &[("x-voter-token", &token())]).await;
        assert_problem("a voter", &voter, 401, "unauthenticated");
        assert_problem("a stranger", &ask(&stack, poll, "", &[eve.header()]).await, 403, "forbidden");
        let wrong = ask(&stack, poll, "?from=never", &[("x-manage-token", "wrong")]).await;
        assert_problem("a wrong token", &wrong, 403, "forbidden");
        assert_eq!(ask(&stack, poll, "", &[admin.header()]).await.status, 200);
    }
    assert_eq!(ask(&stack, &hers, "", &[ada.header()]).await.status, 200);
    assert_problem(
        "another's token",
        &ask(&stack, &hers, "", &[("x-manage-token", manage_token)]).await,
        403,
        "forbidden",
    );
    assert_problem(
        "another poll's creator",
        &ask(&stack, &anonymous, "", &[ada.header()]).await,
        403,
        "forbidden",
    );
    let unknown = stack.request(Method::GET, "/api/v1/polls/nothing/stats", &[ada.header()], "").await;
    assert_problem("no poll", &unknown, 404, "poll_not_found");
}

/// Plants votes on the first choice, one a minute from the beginning of 2026.
async fn plant(database: &Database, poll: &PollView, minutes: i64) {
    let plant = "INSERT INTO poll_timeline (poll, minute, question, position, votes)
        SELECT p.id, '2026-01-01Z'::timestamptz + n * interval '1 minute', q.id, c.position, 1
        FROM polls p JOIN questions q ON q.poll = p.id JOIN choices c ON c.question = q.id,
             generate_series(0, $2::bigint - 1) n
        WHERE p.poll_id = $1";
    database.connect().await.execute(plant, &[&poll.poll_id, &minutes]).await.unwrap();
}

fn times(stats: &Value) -> Vec<&str> {
    stats["minutes"].as_array().unwrap().iter().map(|minute| minute["at"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn only_the_minutes_asked_for_are_told() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    plant(stack.database(), &poll, 5).await;
    let asked = async |query: &str| {
        let stats = stats(&stack, &poll, query).await;
        times(&stats).iter().map(|at| at["2026-01-01T00:0".len()..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(asked("").await, ["0:00Z", "1:00Z", "2:00Z", "3:00Z", "4:00Z"]);
    assert_eq!(asked("?from=2026-01-01T00:03:00Z").await, ["3:00Z", "4:00Z"]);
    assert_eq!(asked("?from=2026-01-01T00:02:01Z&to=2026-01-01T00:04:00Z").await, ["3:00Z"]);
    assert_eq!(asked("?to=2026-01-01T01:02:00%2B01:00").await, ["0:00Z", "1:00Z"]);
    assert_eq!(asked("?from=2027-01-01T00:00:00Z").await, [""; 0]);
    let headers = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    for query in [
        "?from=yesterday",
        "?to=5",
        "?from=2026-01-01",
        "?limit=5",
        "?from=-4800-01-01T00:00:00Z",
        "?to=%2B10000-01-01T00:00:00Z",
        "?from=2026-01-01T00:01:00Z&to=2026-01-01T00:01:00Z",
        "?from=2026-01-01T00:01:00Z&to=2025-01-01T00:01:00Z",
        "?from=2026-01-01T00:01:00Z&from=2026-01-01T00:02:00Z",
    ] {
        assert_problem(query, &ask(&stack, &poll, query, &headers).await, 400, "malformed_request");
    }
}

#[tokio::test]
async fn the_statistics_of_a_long_poll_come_in_pages() {
    // Two choices a minute: more than two pages of 20,000 numbers.
    const MINUTES: usize = 20_003;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    plant(stack.database(), &poll, MINUTES as i64).await;
    let (mut query, mut told, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let page = stats(&stack, &poll, &query).await;
        assert!(
            page["minutes"].as_array().unwrap().iter().all(|minute| minute["votes"]
                .as_object()
                .unwrap()
                .len()
                == 2)
        );
        told.extend(times(&page).into_iter().map(str::to_owned));
        pages += 1;
        let Some(next) = page["next_from"].as_str() else { break };
        query = format!("?from={next}");
    }
    assert_eq!((pages, told.len()), (3, MINUTES));
    assert!(told.is_sorted_by(|one, other| one < other), "each once");
}
