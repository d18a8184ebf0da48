//! Who may delete a poll.

use hyper::Method;
use pollster_integration::{PollView, Stack, lunch};
use serde_json::Value;

use super::{delete, delete_as, is_removed};
use crate::errors::assert_problem;

#[tokio::test]
async fn only_who_manages_a_poll_deletes_it_and_once() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let admin = stack.admin("root").await;
    let (anonymous, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let wrong = [("x-manage-token", other.manage_token.as_deref().unwrap())];
    assert_problem("a wrong token", &delete_as(&stack, &anonymous, &wrong).await, 403, "forbidden");
    assert_problem("an account", &delete_as(&stack, &anonymous, &[eve.header()]).await, 403, "forbidden");
    assert_problem("nobody", &delete_as(&stack, &anonymous, &[]).await, 401, "unauthenticated");
    assert_eq!(stack.results(&anonymous).await.status, "active");
    let deleted = delete(&stack, &anonymous).await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    assert_problem("again", &delete(&stack, &anonymous).await, 404, "poll_not_found");

    let headers = [ada.header(), ("content-type", "application/json")];
    let make = async || -> PollView {
        let made = stack.request(Method::POST, "/api/v1/polls", &headers, &lunch().to_string()).await;
        made.json().unwrap()
    };
    let (own, by_admin) = (make().await, make().await);
    assert_problem("another's", &delete_as(&stack, &own, &[eve.header()]).await, 403, "forbidden");
    assert_eq!(delete_as(&stack, &own, &[ada.header()]).await.status, 204);
    assert_eq!(delete_as(&stack, &by_admin, &[admin.header()]).await.status, 204);
    assert_problem("an admin", &delete_as(&stack, &by_admin, &[admin.header()]).await, 404, "poll_not_found");
    for _ in 0..2 {
        let list = stack.request(Method::GET, "/api/v1/polls?mine=true", &[ada.header()], "").await;
        assert_eq!(list.json::<Value>().unwrap()["polls"].as_array().unwrap().len(), 0);
        is_removed(&stack, &own).await;
    }
    assert_eq!(stack.results(&other).await.status, "active");
}
