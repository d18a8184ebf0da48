//! The page, filled for the path that is asked for.

use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, VARY};
use pollster_shared::poll::Poll;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::timeout;

use super::bundle::{Bundle, bundle};
use super::data::PageData;
use super::paths::Page;
use super::preview::Preview;
use super::template::Template;
use super::{language, picture};
use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::polls::read;
use crate::request::Context;
use crate::response::Response;
use crate::results;

/// The page names the files of its release and holds counts of this moment, so an old one is of no use. It may be
/// stored all the same: it holds nobody's secrets, and who goes back in a browser finds it as they left it.
const CACHING: HeaderValue = HeaderValue::from_static("no-cache");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// How long a page waits for its poll. Without it, the app shows that it is loading and asks itself.
const POLL_WITHIN: Duration = Duration::from_secs(1);

const NOT_BUILT: &str = "This gateway was built without the web app; it serves the API, see /api/v1/docs.\n\
                         To have the app: install Node 20.19 or newer, run `make web`, and build the gateway again.\n";

/// What a page says, besides what is the same on all.
struct Content {
    status: StatusCode,
    /// The HTML of its preview.
    head: String,
    poll: Option<Box<RawValue>>,
    /// The HTML that is there until the app is.
    picture: String,
}

/// Answers with the page: with status 404 where the app will say that there is nothing.
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let Some(bundle) = bundle() else { return Ok(not_built()) };
    let app = &context.app;
    let (template, content) = match Page::at(context.request.uri().path()) {
        Page::Home => (home(bundle, &context), of_site(app, StatusCode::OK)),
        Page::Ballot(name) => (&bundle.poll_page, of_poll(app, name, picture::of_poll).await),
        Page::Poll(name) => (&bundle.poll_page, of_poll(app, name, |_| String::new()).await),
        Page::Other => (&bundle.page, of_site(app, StatusCode::OK)),
        Page::NotFound => (&bundle.page, of_site(app, StatusCode::NOT_FOUND)),
    };
    let captcha_origins = &app.config.captcha.captcha_script_origin;
    let data = PageData { accounts: app.tokens.issues(), captcha_origins, poll: content.poll };
    let html = template.fill(&content.head, &data.to_script(), &content.picture);
    Ok(answer(content.status, HTML, html))
}

/// The first page in the language that the client reads best.
fn home<'a>(bundle: &'a Bundle, context: &Context) -> &'a Template {
    language::choose(context.request.headers(), &bundle.home_pages).unwrap_or(&bundle.page)
}

/// 404 rather than 503: waiting does not help, and no proxy should take this gateway for one that is ill.
fn not_built() -> Response {
    answer(StatusCode::NOT_FOUND, PLAIN, Bytes::from_static(NOT_BUILT.as_bytes()))
}

fn answer(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response.headers_mut().insert(CACHE_CONTROL, CACHING);
    response.headers_mut().insert(VARY, ACCEPT_LANGUAGE.into());
    response
}

fn of_site(app: &App, status: StatusCode) -> Content {
    let head = Preview::of_site(&app.config.public_url()).to_html();
    Content { status, head, poll: None, picture: String::new() }
}

async fn of_poll(app: &App, name: &str, picture: fn(&Poll) -> String) -> Content {
    match timeout(POLL_WITHIN, find(app, name, picture)).await {
        Ok(Ok(content)) => content,
        Ok(Err(ApiError::PollNotFound)) => of_site(app, StatusCode::NOT_FOUND),
        // Nobody can say now whether there is such a poll.
        Ok(Err(_)) | Err(_) => of_site(app, StatusCode::OK),
    }
}

/// The poll as everybody may see it.
async fn find(app: &App, name: &str, picture: fn(&Poll) -> String) -> Result<Content, ApiError> {
    let poll = app.definitions.get(name).await?;
    let counts = results::load(app, &poll).await?;
    let view = read::view(app, &poll, &counts, &Credentials::default()).await?;
    let json = match to_raw_value(&view) {
        Ok(json) => json,
        Err(error) => unreachable!("a poll is plain data: {error}"),
    };
    let head = Preview::of_poll(&poll, view.url()).to_html();
    Ok(Content { status: StatusCode::OK, head, poll: Some(json), picture: picture(&poll) })
}
