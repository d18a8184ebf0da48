//! The web app as the gateway serves it: pages with what they are about, and files.
//!
//! A gateway may be built without the app. These tests then hold what such a gateway does instead.

mod files;
mod pages;
mod polls;
mod without_app;

use std::path::Path;

use hyper::{HeaderMap, Method, StatusCode};
use pollster_integration::{Client, Reply, Stack};
use serde_json::Value;

/// Every kind of page that is about no poll.
const PAGES: [&str; 10] = [
    "/",
    "/new",
    "/polls",
    "/sign-in",
    "/sign-up",
    "/verify",
    "/forgot-password",
    "/reset-password",
    "/notifications",
    "/verify?token=0123",
];

/// Every page of the poll of this name.
fn pages_of(poll: &str) -> [String; 5] {
    let page = |rest: &str| format!("/p/{poll}{rest}");
    [page(""), page("/results"), page("/share"), page("/present"), format!("/embed/{poll}")]
}

/// Whether the app was there when the gateway was built.
fn is_built() -> bool {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../gateway/web/dist/index.html")).exists()
}

/// A gateway alone, if it was built with the app.
async fn gateway() -> Option<Stack> {
    with_app(Stack::builder().aggregators(0).without_background()).await
}

/// The stack, if its gateway was built with the app.
async fn with_app(builder: pollster_integration::Builder) -> Option<Stack> {
    if !is_built() {
        eprintln!("skipped: the web app is not built, see `make web`");
        return None;
    }
    Some(builder.start().await)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

/// What of the page is between the two, once.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}"));
    rest.split_once(after).unwrap_or_else(|| panic!("{after} in {rest}")).0
}

/// A page's data, read as a browser does: up to what ends a script.
fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"page\">", "</script>"))
        .unwrap()
}

/// What the page shows until the app runs.
fn picture(page: &str) -> &str {
    between(page, "<div id=\"root\">", "<noscript>").trim_end().trim_end_matches("</div>")
}

/// The content of the page's `<meta>` of this name or property, as it is in the HTML.
fn meta<'a>(page: &'a str, name: &str) -> &'a str {
    between(page, &format!("=\"{name}\" content=\""), "\"")
}

/// Holds that an answer is the app's page, never kept.
fn assert_page(what: &str, reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text());
    assert_eq!(header(&reply.headers, "content-type"), Some("text/html; charset=utf-8"), "{what}");
    assert_eq!(header(&reply.headers, "cache-control"), Some("no-cache"), "{what}");
    for name in ["etag", "last-modified", "expires", "content-encoding"] {
        assert_eq!(header(&reply.headers, name), None, "{what}: {name}");
    }
    assert_eq!(header(&reply.headers, "vary"), Some("accept-language"), "{what}");
    assert!(reply.text().contains("<div id=\"root\">"), "{what}: {}", reply.text());
}

/// The paths of the files that a page names.
async fn files(stack: &Stack, page: &str) -> Vec<String> {
    let page = stack.get(page).await.text();
    let quoted = ["src=\"/", "href=\"/"].into_iter().flat_map(|attribute| page.split(attribute).skip(1));
    quoted.filter_map(|rest| Some(format!("/{}", rest.split('"').next()?))).collect()
}

/// The script that the page loads.
async fn script(stack: &Stack) -> String {
    let is_script = |path: &String| path.starts_with("/assets/") && path.ends_with(".js");
    files(stack, "/").await.into_iter().find(is_script).expect("the page has a script")
}

/// Reads a path of a gateway with these headers.
async fn read(client: &mut Client, path: &str, headers: &[(&str, &str)]) -> Reply {
    client.request(Method::GET, path, headers, "").await.unwrap()
}

/// The status of a path at a gateway.
async fn status(stack: &Stack, gateway: usize, path: &str) -> StatusCode {
    stack.client(gateway).get(path).await.unwrap().status
}
