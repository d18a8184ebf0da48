//! The API's document, and the page to read it.

mod misuse;

use hyper::{Method, StatusCode};
use pollster_integration::Stack;

const PAGE: &str = "/api/v1/docs";

#[tokio::test]
async fn the_document_is_served_and_known_by_its_tag() {
    let stack = Stack::start().await;
    let path = "/api/v1/openapi.json";
    let document = stack.get(path).await.expect(StatusCode::OK).unwrap();
    let tag = document.headers["etag"].to_str().unwrap();
    let same = stack.request(Method::GET, path, &[("if-none-match", tag)], "").await;
    assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = stack.request(Method::GET, path, &[("if-none-match", "\"other\"")], "").await;
    assert_eq!(other.body, document.body);
}

#[tokio::test]
async fn the_page_and_all_that_it_needs_come_from_the_gateway() {
    let stack = Stack::start().await;
    let page = stack.get(PAGE).await.expect(StatusCode::OK).unwrap();
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("http"), "{policy}");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");

    let text = page.text();
    let quoted = ["src=\"", "href=\""].into_iter().flat_map(|attribute| text.split(attribute).skip(1));
    let files: Vec<&str> = quoted.filter_map(|rest| rest.split('"').next()).collect();
    for wanted in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert!(files.iter().any(|file| file.ends_with(wanted)), "{wanted}: {files:?}");
    }
    for file in files {
        // Another host's would begin with a scheme or with two slashes.
        assert!(file.starts_with("/api/v1/docs/"), "{file}");
        let reply = stack.get(file).await.expect(StatusCode::OK).unwrap();
        let content_type = reply.headers["content-type"].to_str().unwrap();
        let wanted = match file.rsplit('.').next().unwrap() {
            "js" => "text/javascript",
            "css" => "text/css",
            _ => "image/png",
        };
        assert_eq!((content_type, reply.body.is_empty()), (wanted, false), "{file}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    }
    let initializer = stack.get("/api/v1/docs/swagger-initializer.js").await.text();
    assert!(initializer.contains("\"/api/v1/openapi.json\""), "{initializer}");
    assert!(
        initializer.contains("\"validatorUrl\": \"none\"") && !initializer.contains("http"),
        "{initializer}"
    );
}

#[tokio::test]
async fn the_page_has_no_other_files() {
    let stack = Stack::start().await;
    for file in ["nothing.js", "..%2Fopenapi.json", "%2e%2e", "a/b"] {
        assert_eq!(stack.get(&format!("{PAGE}/{file}")).await.status, StatusCode::NOT_FOUND, "{file}");
    }
}
