//! Polls and results as they are read.

use hyper::{Method, StatusCode};
use pollster_integration::{Stack, ballot, lunch, survey, token};
use serde_json::{Value, json};

#[tokio::test]
async fn a_poll_reads_back_as_it_was_made() {
    let stack = Stack::builder().env("PUBLIC_URL", "https://polls.example/").start().await;
    let definition = json!({"title": "  Survey ", "description": "Two\nlines", "ends_at": "2099-01-01T00:00:00Z",
    "questions": [
        {"text": "One?", "choices": ["b", "a", "c"], "min_choices": 1, "max_choices": 2},
        {"text": "Two? ü", "choices": ["x", "x"]},
    ]});
    let headers = [("content-type", "application/json")];
    let made = stack.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let created: Value = made.json().unwrap();
    let path = format!("/api/v1/polls/{}", created["poll_id"].as_str().unwrap());
    assert_eq!(made.headers["location"], path.as_str());
    assert!(created["manage_token"].as_str().unwrap().len() >= 16);

    let read: Value = stack.get(&path).await.expect(StatusCode::OK).unwrap().json().unwrap();
    assert!(read.get("manage_token").is_none() && read.get("voted").is_none());
    for member in
        ["poll_id", "slug", "url", "title", "created_at", "starts_at", "ends_at", "settings", "questions"]
    {
        assert_eq!(read[member], created[member], "{member}");
    }
    assert_eq!((&read["title"], &read["description"]), (&json!("Survey"), &json!("Two\nlines")));
    assert_eq!(read["url"], format!("https://polls.example/p/{}", read["slug"].as_str().unwrap()));
    assert_eq!((&read["status"], &read["closed_at"]), (&json!("active"), &Value::Null));
    let texts = |question: usize| -> Vec<&str> {
        let choices = read["questions"][question]["choices"].as_array().unwrap();
        choices.iter().map(|choice| choice["text"].as_str().unwrap()).collect()
    };
    assert_eq!((texts(0), texts(1)), (vec!["b", "a", "c"], vec!["x", "x"]));
    assert_eq!(read["questions"][0]["max_choices"], 2);
    assert_eq!(read["results"]["total_votes"], 0);
}

#[tokio::test]
async fn without_votes_everything_is_0() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let results = stack.results(&poll).await;
    assert_eq!((results.total_votes, results.is_final, results.questions.len()), (0, false, 3));
    for question in &results.questions {
        assert_eq!(question.total_votes, 0);
        assert!(question.choices.iter().all(|choice| choice.votes == 0 && choice.percentage == 0.0));
    }
    stack.assert_exact(&poll).await;
}

#[tokio::test]
async fn percentages_are_of_the_question_s_responses() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    for choices in [[0, 1], [0, 2], [0, 3]] {
        let voted = ballot(&poll, &[(0, &[usize::from(choices[1] == 3)]), (2, &choices)]);
        stack.accepted(&poll, &token(), None, voted).await;
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 6);
    let results = stack.results(&poll).await;
    let percentages = |question: usize| -> Vec<f64> {
        results.questions[question].choices.iter().map(|choice| choice.percentage).collect()
    };
    assert_eq!(percentages(0), [66.7, 33.3]);
    assert_eq!(percentages(1), [0.0, 0.0, 0.0]);
    assert_eq!(percentages(2), [100.0, 33.3, 33.3, 33.3]);
}

#[tokio::test]
async fn results_that_the_client_has_are_not_sent_again() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}/results", poll.poll_id);
    let etag = stack.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
    let ask = async |known: &str| stack.request(Method::GET, &path, &[("if-none-match", known)], "").await;
    for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let reply = ask(&known).await;
        assert_eq!(reply.status, StatusCode::NOT_MODIFIED, "{known}");
        assert!(reply.body.is_empty());
        assert_eq!(reply.headers["etag"], etag.as_str());
    }
    assert_eq!(ask("\"other\"").await.status, StatusCode::OK);

    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    let voted = ask(&etag).await;
    assert_eq!(voted.status, StatusCode::OK);
    let voted = voted.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(voted, etag);
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    assert_eq!(ask(&voted).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_slug_is_as_good_as_the_id() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let vote = format!("/api/v1/polls/{}/votes", poll.slug);
    let body = String::from_utf8(poll.ballot(0, 1).to_vec()).unwrap();
    let voter = token();
    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    assert_eq!(stack.request(Method::POST, &vote, &headers, &body).await.status, StatusCode::ACCEPTED);
    // By whatever name, it is the same poll.
    let again = stack.vote(&poll, &voter, None, poll.ballot(0, 1)).await;
    assert_eq!(again.code().as_deref(), Some("already_voted"));
    stack.assert_exact(&poll).await;
    for path in ["", "/results"] {
        let by_id = stack.get(&format!("/api/v1/polls/{}{path}", poll.poll_id)).await;
        assert_eq!(by_id.status, StatusCode::OK);
        for slug in [poll.slug.clone(), poll.slug.to_uppercase()] {
            assert_eq!(stack.get(&format!("/api/v1/polls/{slug}{path}")).await.body, by_id.body);
        }
    }
    let token = poll.manage_token.as_deref().unwrap();
    let close = format!("/api/v1/polls/{}/close", poll.slug);
    let closed = stack.request(Method::POST, &close, &[("x-manage-token", token)], "").await;
    assert_eq!(closed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_poll_tells_what_the_voter_chose() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    stack.accepted(&poll, &voter, None, ballot(&poll, &[(0, &[1]), (2, &[0, 3])])).await;
    stack.drained().await;
    let path = format!("/api/v1/polls/{}", poll.poll_id);
    let read = async |voter: &str| -> Value {
        stack.request(Method::GET, &path, &[("x-voter-token", voter)], "").await.json().unwrap()
    };
    let (one, three) = (&poll.questions[0], &poll.questions[2]);
    let expected = json!({
        one.question_id.to_string(): [one.choices[1].choice_id],
        three.question_id.to_string(): [three.choices[0].choice_id, three.choices[3].choice_id],
    });
    assert_eq!(read(&voter).await["voted"], expected);
    assert_eq!(read(&token()).await["voted"], json!({}));
    let anonymous: Value = stack.get(&path).await.json().unwrap();
    assert!(anonymous.get("voted").is_none());
    stack.assert_exact(&poll).await;
    let served: Value = stack.get(&format!("{path}/results")).await.json().unwrap();
    assert_eq!(read(&voter).await["results"], served);
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    for path in ["", "/results"] {
        let path = format!("/api/v1/polls/{}{path}", poll.poll_id);
        let get = stack.get(&path).await;
        let head = stack.request(Method::HEAD, &path, &[], "").await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
        for header in ["content-type", "content-length"] {
            assert_eq!(head.headers[header], get.headers[header], "{path} {header}");
        }
        assert_eq!(head.headers.get("etag"), get.headers.get("etag"));
    }
}
