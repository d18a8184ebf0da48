//! The app's files: what they are, how long they are kept, how they are sent.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::*;
use crate::errors::assert_problem;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";

/// The files whose names never change.
const ROOT: [(&str, &str); 3] = [
    ("/favicon.svg", "image/svg+xml"),
    ("/manifest.webmanifest", "application/manifest+json"),
    ("/robots.txt", "text/plain"),
];

#[tokio::test]
async fn whatever_the_pages_name_is_there_under_its_own_type() {
    let Some(stack) = gateway().await else { return };
    let (mut named, of_poll) = (files(&stack, "/").await, files(&stack, "/p/lunch").await);
    assert_ne!(named, of_poll, "each names what it will need");
    named.extend(of_poll);
    assert!(named.iter().filter(|path| path.starts_with("/assets/")).count() >= 2, "{named:?}");
    for path in named {
        let file = stack.get(&path).await;
        assert_eq!((file.status, file.body.is_empty()), (StatusCode::OK, false), "{path}");
        let content_type = match path.rsplit('.').next().unwrap() {
            "js" => "text/javascript",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            "woff2" => "font/woff2",
            "webmanifest" => "application/manifest+json",
            other => panic!("{other}"),
        };
        assert_eq!(header(&file.headers, "content-type"), Some(content_type), "{path}");
        assert_eq!(header(&file.headers, "x-content-type-options"), Some("nosniff"), "{path}");
        let caching = if path.starts_with("/assets/") { FOR_EVER } else { A_DAY };
        assert_eq!(header(&file.headers, "cache-control"), Some(caching), "{path}");
    }
}

#[tokio::test]
async fn files_at_the_root_are_kept_for_a_day_and_known_by_their_tags() {
    let Some(stack) = gateway().await else { return };
    for (path, content_type) in ROOT {
        let file = stack.get(path).await;
        assert_eq!(header(&file.headers, "content-type"), Some(content_type), "{path}");
        assert_eq!(header(&file.headers, "cache-control"), Some(A_DAY), "{path}");
        let tag = header(&file.headers, "etag").unwrap();
        let same = stack.request(Method::GET, path, &[("if-none-match", tag)], "").await;
        assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        for name in ["etag", "cache-control", "vary"] {
            assert_eq!(same.headers.get(name), file.headers.get(name), "{path}: {name}");
        }
        let other = stack.request(Method::GET, path, &[("if-none-match", "\"other\"")], "").await;
        assert_eq!((other.status, other.body), (StatusCode::OK, file.body.clone()), "{path}");
    }
}

#[tokio::test]
async fn a_file_comes_in_the_coding_that_its_client_likes_best() {
    let Some(stack) = gateway().await else { return };
    let path = script(&stack).await;
    let mut client = stack.client(0);
    let plain = read(&mut client, &path, &[]).await;
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("br;q=0.2, gzip;q=0.8", Some("gzip")),
        ("br;q=0, *;q=0.5", Some("gzip")),
        ("gzip", Some("gzip")),
        ("gzip;q=0.5, identity", None),
        ("zstd", None),
        ("*;q=0", None),
        ("", None),
    ] {
        let file = read(&mut client, &path, &[("accept-encoding", accepted)]).await;
        assert_eq!(file.status, 200, "{accepted}");
        assert_eq!(header(&file.headers, "content-encoding"), coding, "{accepted}");
        assert_eq!(header(&file.headers, "vary"), Some("accept-encoding"), "{accepted}");
        assert_eq!(header(&file.headers, "content-type"), Some("text/javascript"), "{accepted}");
        let length = header(&file.headers, "content-length").unwrap();
        assert_eq!(length, file.body.len().to_string(), "{accepted}");
        match coding {
            None => assert_eq!(file.body, plain.body, "{accepted}"),
            Some("gzip") => {
                let mut text = Vec::new();
                GzDecoder::new(&file.body[..]).read_to_end(&mut text).unwrap();
                assert_eq!(text, plain.body, "{accepted}");
            }
            Some(_) => assert!(file.body.len() < plain.body.len() / 2, "{accepted}"),
        }
    }
}

#[tokio::test]
async fn every_coding_has_a_tag_of_its_own() {
    let Some(stack) = gateway().await else { return };
    let path = script(&stack).await;
    let mut client = stack.client(0);
    let mut tags = Vec::new();
    for accepted in ["br", "gzip", ""] {
        let file = read(&mut client, &path, &[("accept-encoding", accepted)]).await;
        tags.push(header(&file.headers, "etag").unwrap().to_owned());
    }
    let of_gzip = read(&mut client, &path, &[("accept-encoding", "br"), ("if-none-match", &tags[1])]).await;
    assert_eq!(of_gzip.status, StatusCode::OK);
    tags.dedup();
    assert_eq!(tags.len(), 3, "{tags:?}");
}

#[tokio::test]
async fn the_plain_file_goes_to_whoever_asks_for_its_head_only_without_its_body() {
    let Some(stack) = gateway().await else { return };
    let path = script(&stack).await;
    let (file, head) = (stack.get(&path).await, stack.request(Method::HEAD, &path, &[], "").await);
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    for name in ["content-length", "content-type", "cache-control", "etag", "vary"] {
        assert_eq!(head.headers.get(name), file.headers.get(name), "{name}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_problem_not_a_page() {
    let Some(stack) = gateway().await else { return };
    let script = script(&stack).await;
    for path in [
        "/assets/nothing.js",
        "/assets/",
        "/assets/..%2findex.html",
        "/assets/../index.html",
        // Nor are its compressed variants files of their own.
        &format!("{script}.br"),
        &format!("{script}.gz"),
    ] {
        let reply = stack.get(path).await;
        assert_problem(path, &reply, 404, "not_found");
        assert_eq!(header(&reply.headers, "cache-control"), None, "{path}");
    }
}
