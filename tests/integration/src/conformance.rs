//! Every answer that a test gets is held against the document that the gateway serves: what it answers is
//! documented, or the test fails.

mod document;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use hyper::Method;
use pollster_bench::client::{Client, Reply};
use serde_json::Value;
use tokio::sync::OnceCell;

use document::{Answer, Document, Operation};

/// The document, the same for all gateways of a process.
static DOCUMENT: OnceCell<Document> = OnceCell::const_new();

/// Reads the document of a gateway, once a process.
pub(crate) async fn learn(gateway: SocketAddr) {
    let read = async || {
        let reply = Client::new(gateway).get("/api/v1/openapi.json").await.expect("the document is served");
        Document::new(&reply.json().expect("the document is JSON"))
    };
    DOCUMENT.get_or_init(read).await;
}

/// Holds an answer of a gateway against the document: its status, content type, code and body; and what was
/// sent, where that was accepted. On a path that is not documented only 404 `not_found` is an answer, with a
/// method that is not documented there only 405 `method_not_allowed`. What browsers ask before they ask another
/// origin (CORS) is of no operation: its answer is without a body. The web app, on all paths that are not the
/// API's, is not documented here.
///
/// # Panics
/// Where they differ.
pub fn assert_documented(method: &Method, path: &str, body: &[u8], reply: &Reply) {
    if is_web_app(path) {
        return;
    }
    let document = DOCUMENT.get().expect("a stack with a gateway was started");
    if let Err(problem) = check(document, method, path, body, reply) {
        panic!("{method} {path} answers {}, not as documented: {problem}\n{}", reply.status, reply.text());
    }
}

/// Whether a path is the web app's.
fn is_web_app(path: &str) -> bool {
    let path = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    !["api", "ws", "livez", "readyz"].contains(&path)
}

fn check(document: &Document, method: &Method, path: &str, body: &[u8], reply: &Reply) -> Result<(), String> {
    if method == Method::OPTIONS && reply.status.is_success() && reply.body.is_empty() {
        return Ok(());
    }
    let path = path.split('?').next().unwrap_or_default();
    let operations = document.operations(path);
    if operations.is_empty() {
        return only(reply, 404, "not_found");
    }
    // A HEAD is a GET without a body.
    let documented = if method == Method::HEAD { &Method::GET } else { method };
    let Some(operation) = operations.iter().find(|operation| operation.method == documented) else {
        return only(reply, 405, "method_not_allowed");
    };
    let answer = operation.answers.get(&reply.status.as_u16()).ok_or("the status is not documented")?;
    if method != Method::HEAD {
        check_answer(answer, reply)?;
    }
    check_accepted(operation, body, reply)
}

fn only(reply: &Reply, status: u16, code: &str) -> Result<(), String> {
    let is_code = reply.body.is_empty() || reply.code().as_deref() == Some(code);
    if reply.status == status && is_code { Ok(()) } else { Err(format!("only {status} {code} may be")) }
}

fn check_answer(answer: &Answer, reply: &Reply) -> Result<(), String> {
    let Some(content_type) = reply.headers.get("content-type") else {
        let is_empty = answer.contents.is_empty() && reply.body.is_empty();
        return if is_empty { Ok(()) } else { Err("its content type is missing".to_owned()) };
    };
    let essence = content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let content = answer.contents.get(essence).ok_or("the content type is not documented")?;
    let is_json = essence.ends_with("/json") || essence.ends_with("+json");
    if !is_json {
        return Ok(());
    }
    let body: Value = reply.json().map_err(|error| error.to_string())?;
    content.check(&body)?;
    let has_code = || content.examples.iter().any(|code| body["code"] == **code);
    if essence == "application/problem+json" && !has_code() {
        return Err("the code is not documented".to_owned());
    }
    Ok(())
}

fn check_accepted(operation: &Operation, body: &[u8], reply: &Reply) -> Result<(), String> {
    match &operation.body {
        Some(content) if reply.status.is_success() => {
            let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            content.check(&body).map_err(|problem| format!("a body is accepted though {problem}"))
        }
        _ => Ok(()),
    }
}
