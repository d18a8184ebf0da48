//! Polls of accounts: who manages them, and how they are claimed and listed.

mod claims;
mod pages;

use futures_util::future::join_all;
use hyper::{Method, StatusCode};
use pollster_integration::{Database, Reply, Stack, TestAccount, lunch};
use pollster_shared::{database, polls};
use serde_json::Value;
use uuid::Uuid;

use crate::errors::{JSON, assert_problem};

/// A poll made by `account`, as the answer shows it.
async fn made_by(stack: &Stack, account: &TestAccount) -> Value {
    let headers = [JSON, account.header()];
    let reply = stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await;
    reply.expect(StatusCode::CREATED).unwrap().json().unwrap()
}

async fn close(stack: &Stack, poll: &Value, headers: &[(&str, &str)]) -> Reply {
    let path = format!("/api/v1/polls/{}/close", poll["poll_id"].as_str().unwrap());
    stack.request(Method::POST, &path, headers, "").await
}

fn id(poll: &Value) -> Uuid {
    poll["poll_id"].as_str().unwrap().parse().unwrap()
}

/// The subject that the poll belongs to, and what is stored of its manage token.
async fn owner(stack: &Stack, poll: Uuid) -> (Option<String>, Option<Vec<u8>>) {
    let database = stack.database().connect().await;
    let select = "SELECT u.subject, p.manage_token_hash FROM polls p LEFT JOIN users u ON u.id = p.creator
                  WHERE p.poll_id = $1";
    let row = database.query_one(select, &[&poll]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn a_poll_made_with_an_access_token_belongs_to_the_account() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let poll = made_by(&stack, &ada).await;
    assert!(poll.get("manage_token").is_none());
    assert_eq!(owner(&stack, id(&poll)).await, (Some(ada.subject), None));
}

#[tokio::test]
async fn only_its_creator_and_an_admin_close_the_poll_of_an_account() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let admin = stack.admin("root").await;
    let poll = made_by(&stack, &ada).await;
    let anonymous = stack.create_poll(&lunch()).await;
    let manage_token = anonymous.manage_token.as_deref().unwrap();

    assert_problem("nobody", &close(&stack, &poll, &[]).await, 401, "unauthenticated");
    assert_problem("a stranger", &close(&stack, &poll, &[eve.header()]).await, 403, "forbidden");
    for token in ["", "wrong", manage_token] {
        let reply = close(&stack, &poll, &[("x-manage-token", token)]).await;
        assert_problem(token, &reply, 403, "forbidden");
        let reply = close(&stack, &poll, &[("x-manage-token", token), eve.header()]).await;
        assert_problem(token, &reply, 403, "forbidden");
    }
    let forged = close(&stack, &poll, &[("authorization", "Bearer forged")]).await;
    assert_problem("a forged token", &forged, 401, "unauthenticated");
    let status: Value = stack.get(&format!("/api/v1/polls/{}", id(&poll))).await.json().unwrap();
    assert_eq!(status["status"], "active");

    assert_eq!(close(&stack, &poll, &[ada.header()]).await.status, 200);
    let second = made_by(&stack, &ada).await;
    // A wrong manage token takes nothing away from who is the creator.
    assert_eq!(close(&stack, &second, &[ada.header(), ("x-manage-token", "wrong")]).await.status, 200);
    let third = made_by(&stack, &ada).await;
    let closed: Value = close(&stack, &third, &[admin.header()]).await.json().unwrap();
    assert_eq!(closed["status"], "closed");
    assert!(closed.get("manage_token").is_none());
}

#[tokio::test]
async fn an_anonymous_poll_is_closed_by_an_admin_and_by_its_manage_token_whoever_shows_it() {
    let stack = Stack::start().await;
    let (eve, admin) = (stack.account("eve").await, stack.admin("root").await);
    let make = async || -> Value {
        let reply = stack.request(Method::POST, "/api/v1/polls", &[JSON], &lunch().to_string()).await;
        reply.expect(StatusCode::CREATED).unwrap().json().unwrap()
    };
    let poll = make().await;
    assert_problem("a stranger", &close(&stack, &poll, &[eve.header()]).await, 403, "forbidden");
    let wrong = close(&stack, &poll, &[eve.header(), ("x-manage-token", "wrong")]).await;
    assert_problem("a stranger's guess", &wrong, 403, "forbidden");
    let shown = ("x-manage-token", poll["manage_token"].as_str().unwrap());
    assert_eq!(close(&stack, &poll, &[eve.header(), shown]).await.status, 200);
    assert_eq!(close(&stack, &make().await, &[admin.header()]).await.status, 200);
}

#[tokio::test]
async fn an_account_that_has_left_makes_no_poll_and_manages_none() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let poll = made_by(&stack, &ada).await;
    let database = stack.database().connect().await;
    database.execute("DELETE FROM users WHERE subject = $1", &[&ada.subject]).await.unwrap();

    let headers = [JSON, ada.header()];
    let reply = stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await;
    assert_problem("a new poll", &reply, 401, "unauthenticated");
    assert_problem("its old poll", &close(&stack, &poll, &[ada.header()]).await, 403, "forbidden");
    assert_eq!(owner(&stack, id(&poll)).await, (None, None));
    let users = database.query_one("SELECT count(*) FROM users", &[]).await.unwrap();
    assert_eq!(users.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn an_identity_providers_account_gets_one_row_when_it_first_needs_it() {
    let database = Database::migrated().await;
    let pool = database::pool(database.url(), 8).unwrap();
    let rows = join_all((0..8).map(async |_| {
        let mut connection = pool.get().await.unwrap();
        polls::creator_or_new(&mut connection, "provider|ada", false).await.unwrap()
    }))
    .await;
    assert!(rows[0].is_some() && rows.iter().all(|row| *row == rows[0]), "{rows:?}");
    let users = "SELECT count(*), min(subject), min(role) FROM users";
    let users = database.connect().await.query_one(users, &[]).await.unwrap();
    assert_eq!((users.get(0), users.get(1), users.get(2)), (1i64, "provider|ada", "user"));
}

#[tokio::test]
async fn a_poll_says_who_manages_it_to_nobody_but_themselves() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let poll = made_by(&stack, &ada).await;
    let anonymous = stack.create_poll(&lunch()).await;
    let token = ("x-manage-token", anonymous.manage_token.as_deref().unwrap());
    let manages = async |poll: Uuid, headers: &[(&str, &str)]| {
        let reply = stack.request(Method::GET, &format!("/api/v1/polls/{poll}"), headers, "").await;
        let view: Value = reply.expect(StatusCode::OK).unwrap().json().unwrap();
        view.get("manages").map(|manages| manages.as_bool().unwrap())
    };
    let (ours, theirs) = (id(&poll), anonymous.poll_id);
    assert_eq!(manages(ours, &[]).await, None);
    assert_eq!(manages(ours, &[("x-voter-token", &pollster_integration::token())]).await, None);
    assert_eq!(manages(ours, &[ada.header()]).await, Some(true));
    assert_eq!(manages(ours, &[eve.header()]).await, Some(false));
    assert_eq!(manages(ours, &[token]).await, Some(false));
    assert_eq!(manages(theirs, &[token]).await, Some(true));
    assert_eq!(manages(theirs, &[ada.header()]).await, Some(false));
    assert_eq!(manages(theirs, &[ada.header(), token]).await, Some(true));
}
