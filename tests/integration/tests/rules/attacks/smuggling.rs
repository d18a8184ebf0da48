//! Requests of which a proxy in front could think that they end elsewhere (RFC 9112, section 11.2): one that is
//! hidden in another must never be answered.

use futures_util::future::join_all;
use pollster_integration::Stack;

use super::{assert_alive, exchange, statuses};

const HIDDEN: &str = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// A POST with these lines after its first two, and this body.
fn request(lines: &str, body: &str) -> String {
    format!("POST /api/v1/polls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{lines}\r\n{body}")
}

fn shapes() -> Vec<(&'static str, String)> {
    let ended = format!("0\r\n\r\n{HIDDEN}");
    let both = |first: &str, second: &str| request(&format!("{first}\r\n{second}\r\n"), &ended);
    let length = format!("Content-Length: {}", ended.len());
    let chunked = "Transfer-Encoding: chunked";
    let mut shapes = vec![
        ("a length, then chunked", both(&length, chunked)),
        ("chunked, then a length", both(chunked, &length)),
        ("chunked, then a length of nothing", both(chunked, "Content-Length: 0")),
        ("two lengths", both("Content-Length: 0", &length)),
        ("two lengths in a line", request("Content-Length: 0, 5\r\n", HIDDEN)),
        ("a negative length", request("Content-Length: -1\r\n", HIDDEN)),
        ("a length with a sign", request("Content-Length: +0\r\n", HIDDEN)),
        ("a hexadecimal length", request("Content-Length: 0x0\r\n", HIDDEN)),
        ("an empty length", request("Content-Length: \r\n", HIDDEN)),
        ("a length beyond all numbers", request("Content-Length: 99999999999999999999\r\n", HIDDEN)),
        ("a folded line", request("X-A: b\r\n Content-Length: 0\r\n", HIDDEN)),
        ("a folded encoding", request("Transfer-Encoding:\r\n chunked\r\n", &ended)),
        ("a space before the colon", request("Content-Length : 0\r\n", HIDDEN)),
        ("a tab before the colon", request("Transfer-Encoding\t: chunked\r\n", &ended)),
        ("a space before the name", request(" Transfer-Encoding: chunked\r\n", &ended)),
        ("a line without a colon", request("Content-Length\r\n", HIDDEN)),
        ("a NUL in a name", request("Content\0-Length: 0\r\n", HIDDEN)),
        ("a bare CR", request("X-A: b\rContent-Length: 0\r\n", HIDDEN)),
        ("an encoding like chunked", request("Transfer-Encoding: xchunked\r\n", &ended)),
        ("chunked, then another encoding", request("Transfer-Encoding: chunked, identity\r\n", &ended)),
        ("identity", request("Transfer-Encoding: identity\r\n", &ended)),
        ("chunked with a control character", request("Transfer-Encoding: \x0bchunked\r\n", &ended)),
        (
            "chunked in HTTP/1.0",
            request("Transfer-Encoding: chunked\r\n", &ended).replacen("/1.1", "/1.0", 1),
        ),
    ];
    for size in ["xyz", "-1", "+0", "0x0", "FFFFFFFFFFFFFFFFF", "", "0 0", "0;a\nb", "0\n", "0\r"] {
        let body = format!("{size}\r\n\r\n{HIDDEN}");
        shapes.push(("a bad chunk size", request("Transfer-Encoding: chunked\r\n", &body)));
    }
    let overlong = format!("2\r\n{{}}xx\r\n0\r\n\r\n{HIDDEN}");
    shapes.push(("a chunk longer than its size", request("Transfer-Encoding: chunked\r\n", &overlong)));
    shapes
}

#[tokio::test]
async fn a_request_hidden_in_another_is_never_answered() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let gateway = stack.gateway(0).address();
    // Side by side, for some are waited for until they time out.
    let answers = join_all(
        shapes()
            .into_iter()
            .map(async |(what, request)| (what, exchange(gateway, request.as_bytes()).await, request)),
    );
    for (what, answer, request) in answers.await {
        let refused = |status: &&str| status.starts_with('4');
        assert!(
            statuses(&answer).len() <= 1 && statuses(&answer).iter().all(refused),
            "{what}: {request}\n{answer}"
        );
    }
    assert_alive("hidden requests", &stack).await;
    // The same, well-formed, is two requests.
    let both = request("Content-Length: 2\r\n", &format!("{{}}{HIDDEN}"));
    assert_eq!(statuses(&exchange(gateway, both.as_bytes()).await), ["400", "200"]);
    let both = request("Transfer-Encoding: chunked\r\n", &format!("2\r\n{{}}\r\n0\r\n\r\n{HIDDEN}"));
    assert_eq!(statuses(&exchange(gateway, both.as_bytes()).await), ["400", "200"]);
}

#[tokio::test]
async fn lines_that_end_in_a_bare_line_feed_make_no_second_request() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let gateway = stack.gateway(0).address();
    let requests = [
        "GET /livez HTTP/1.1\nHost: x\nConnection: close\n\n",
        "GET /livez HTTP/1.1\r\nHost: x\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: b\n\nGET /readyz HTTP/1.1\r\nX-A: b\r\n",
    ];
    for answer in join_all(requests.map(|request| exchange(gateway, request.as_bytes()))).await {
        assert_eq!(statuses(&answer), ["200"], "{answer}");
    }
    assert_alive("bare line feeds", &stack).await;
}
