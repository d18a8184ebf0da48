//! A gateway that was built without the app.

use pollster_integration::Stack;

use super::*;
use crate::errors::assert_problem;

#[tokio::test]
async fn a_gateway_says_whether_it_has_the_app_and_how_to_get_it() {
    let stack = Stack::start().await;
    let page = stack.get("/").await;
    let log = stack.gateway(0).log();
    if is_built() {
        assert_page("/", &page, 200);
        assert!(!log.contains("make web"), "{log}");
        return;
    }
    assert!(log.contains("make web"), "{log}");
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(header(&page.headers, "content-type"), Some("text/plain; charset=utf-8"));
    assert!(page.text().contains("make web") && page.text().contains("Node 20.19"), "{}", page.text());
    assert_problem("a file", &stack.get("/assets/index.js").await, 404, "not_found");
    assert_eq!(stack.get("/readyz").await.status, StatusCode::OK);
}
