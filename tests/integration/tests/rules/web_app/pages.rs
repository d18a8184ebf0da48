//! Pages: which paths have one, and what goes with it.

use super::*;
use crate::errors::assert_problem;

const NOWHERE: [&str; 11] = [
    "/nowhere",
    "/p",
    "/p/",
    "/p/x/y",
    "/embed/",
    "/embed/x/results",
    "/new/x",
    "/index.html",
    "/poll.html",
    "/home.en.html",
    "/metrics",
];

#[tokio::test]
async fn every_page_of_the_app_is_the_page_and_is_never_kept() {
    let Some(stack) = gateway().await else { return };
    for path in PAGES {
        let page = stack.get(path).await;
        assert_page(path, &page, 200);
        let html = page.text();
        let expected = serde_json::json!({"accounts": true, "captcha_origins": [], "poll": null});
        assert_eq!(data(&html), expected, "{path}");
        assert_eq!(between(&html, "<title>", "</title>"), "Pollster", "{path}");
        let again = stack.request(Method::GET, path, &[("if-none-match", "*")], "").await;
        assert_page(path, &again, 200);
    }
}

#[tokio::test]
async fn the_first_page_shows_what_it_is_before_the_app_runs_in_the_client_s_language() {
    let Some(stack) = gateway().await else { return };
    for (accepted, language, words) in [
        ("en-GB,en;q=0.9,de;q=0.8", "en", "Ask everyone."),
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Fragen Sie alle."),
        ("fr,de;q=0.5", "de", "Fragen Sie alle."),
        ("fr", "en", "Ask everyone."),
    ] {
        let page = stack.request(Method::GET, "/", &[("accept-language", accepted)], "").await;
        assert_page(accepted, &page, 200);
        let html = page.text();
        assert!(html.contains(&format!("<html lang=\"{language}\">")), "{accepted}: {html}");
        assert!(picture(&html).contains(&format!("<h1>{words}")), "{accepted}: {html}");
    }
    // On other pages the app comes first.
    for path in &PAGES[1..] {
        assert_eq!(picture(&stack.get(path).await.text()), "", "{path}");
    }
}

#[tokio::test]
async fn other_paths_are_not_found_and_show_so_in_the_app() {
    let Some(stack) = gateway().await else { return };
    for path in NOWHERE {
        let page = stack.get(path).await;
        assert_page(path, &page, 404);
        assert_eq!(data(&page.text())["poll"], Value::Null, "{path}");
    }
}

#[tokio::test]
async fn paths_of_the_api_are_no_pages() {
    let Some(stack) = gateway().await else { return };
    for path in ["/api", "/api/", "/api/v1/nothing", "/api/v2/polls", "/ws/x", "/livez/x", "/readyz/"] {
        for method in [Method::GET, Method::POST] {
            let reply = stack.request(method.clone(), path, &[], "").await;
            assert_problem(&format!("{method} {path}"), &reply, 404, "not_found");
        }
    }
}

#[tokio::test]
async fn pages_and_files_are_for_reading() {
    let Some(stack) = gateway().await else { return };
    let script = script(&stack).await;
    for path in ["/", "/p/lunch", "/embed/lunch", "/nowhere", "/favicon.svg", "/assets/nothing.js", &script] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let reply = stack.request(method.clone(), path, &[], "").await;
            assert_problem(&format!("{method} {path}"), &reply, 405, "method_not_allowed");
            assert_eq!(header(&reply.headers, "allow"), Some("GET, HEAD"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_page_s_head_is_what_its_body_has() {
    let Some(stack) = gateway().await else { return };
    for path in ["/", "/nowhere"] {
        let (page, head) = (stack.get(path).await, stack.request(Method::HEAD, path, &[], "").await);
        assert_eq!((head.status, head.body.len()), (page.status, 0), "{path}");
        for name in ["content-length", "content-type", "cache-control", "content-security-policy"] {
            assert_eq!(head.headers.get(name), page.headers.get(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_page_loads_its_own_files_and_only_embedded_ones_are_framed() {
    let Some(stack) = gateway().await else { return };
    let script = script(&stack).await;
    for (path, framed_by) in [
        ("/", "'none'"),
        ("/p/lunch", "'none'"),
        ("/p/embed", "'none'"),
        ("/nowhere", "'none'"),
        ("/embedded", "'none'"),
        ("/favicon.svg", "'none'"),
        (&script, "'none'"),
        ("/embed/lunch", "*"),
    ] {
        let reply = stack.get(path).await;
        let policy = header(&reply.headers, "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert!(policy.ends_with(&format!("; frame-ancestors {framed_by}")), "{path}: {policy}");
    }
    // What the policy does not let in is not in the page.
    let html = stack.get("/").await.text();
    for refused in ["style=\"", "<style", "src=\"http", "href=\"http"] {
        assert!(!html.contains(refused), "{refused}: {html}");
    }
    let inline = html.split("<script").skip(1).filter(|script| !script.contains(" src=\"/"));
    assert!(inline.into_iter().all(|script| script.starts_with(" type=\"application/json\"")), "{html}");
}

#[tokio::test]
async fn the_page_says_where_accounts_are_kept_and_captchas_come_from() {
    const PUBLIC_KEY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../keys/ed25519.pub.pem");
    let builder = Stack::builder().aggregators(0).without_background();
    let builder = builder.env("JWT_SECRET", "").env("JWT_PUBLIC_KEY_FILE", PUBLIC_KEY_FILE);
    let builder = builder.env("CAPTCHA_SCRIPT_ORIGIN", "https://a.example,https://b.example");
    let Some(stack) = with_app(builder).await else { return };
    let origins = ["https://a.example", "https://b.example"];
    let expected = serde_json::json!({"accounts": false, "captcha_origins": origins, "poll": null});
    assert_eq!(data(&stack.get("/").await.text()), expected);
}

#[tokio::test]
async fn gateways_of_either_role_serve_the_app() {
    let builder = Stack::builder().gateways(2).gateway_args(0, &["--serve", "api"]);
    let Some(stack) = with_app(builder.gateway_args(1, &["--serve", "ws"])).await else { return };
    let poll = stack.create_poll(&pollster_integration::lunch()).await;
    let script = script(&stack).await;
    for gateway in [0, 1] {
        let page = stack.client(gateway).get(&format!("/p/{}", poll.slug)).await.unwrap();
        assert_page("a poll", &page, 200);
        assert_eq!(data(&page.text())["poll"]["slug"], poll.slug.as_str());
        assert_eq!(status(&stack, gateway, &script).await, 200);
        assert_eq!(status(&stack, gateway, "/nowhere").await, 404);
        assert_problem(
            "the API",
            &stack.client(gateway).get("/api/nothing").await.unwrap(),
            404,
            "not_found",
        );
    }
}

#[tokio::test]
async fn answers_are_counted_as_pages_and_files_whatever_their_paths() {
    let Some(stack) = gateway().await else { return };
    let script = script(&stack).await;
    for path in
        ["/new", "/p/one", "/p/two", "/nowhere/1", "/nowhere/2", &script, "/favicon.svg", "/assets/none.js"]
    {
        stack.get(path).await;
    }
    stack.request(Method::POST, "/new", &[], "").await;
    let metrics = stack.gateway(0).metrics().await;
    let counted = metrics.lines().filter(|line| line.starts_with("pollster_http_requests_total"));
    let mut counted: Vec<&str> = counted.filter(|line| !line.contains("\"/")).collect();
    counted.sort_unstable();
    // The page is also where the script's name was found.
    let expected = [
        "pollster_http_requests_total{route=\"asset\",status=\"200\"} 2",
        "pollster_http_requests_total{route=\"asset\",status=\"404\"} 1",
        "pollster_http_requests_total{route=\"page\",status=\"200\"} 2",
        "pollster_http_requests_total{route=\"page\",status=\"404\"} 4",
        "pollster_http_requests_total{route=\"page\",status=\"405\"} 1",
    ];
    assert_eq!(counted, expected);
}
