//! `GET /api/v1/polls/{poll}/events`: live results as server-sent events (HTML, section 9.2), from the same hub
//! as over WebSocket.

mod last_event;
mod stream;

use std::sync::Arc;

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};
use pollster_shared::poll::{Poll, Status};

use crate::app::App;
use crate::credentials::Credentials;
use crate::edge;
use crate::error::ApiError;
use crate::live::{Bell, Subscription};
use crate::openapi::examples;
use crate::openapi::parameters::{LastEventId, PollName};
use crate::request::Context;
use crate::response::{Body, Response, empty};
use crate::results;
use crate::visibility::may_see;
use last_event::LastEvent;
use stream::EventStream;

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
/// What comes is new each time, also the 204, which caches would keep by themselves.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Tells nginx, and those that learned it from there, to pass on each event at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const UNBUFFERED: HeaderValue = HeaderValue::from_static("no");

/// Live results as server-sent events
///
/// The messages of the WebSocket as events: `event` is the message's type, `data` the message itself, `id` its
/// version. `results` come at once, unless `Last-Event-ID` is current, and with every change, each with all counts.
/// Hidden results begin with an `error`, and come once they are shown. After `poll_closed` the stream ends.
/// Browsers' `EventSource` reconnects by itself; where headers are needed, read the stream with fetch.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}/events", operation_id = "streamResults", tag = "results",
    params(PollName, LastEventId),
    responses(
        (status = 200, description = "Events, until the poll is closed or the connection ends.",
            content_type = "text/event-stream", body = String, example = examples::events),
        (status = 204, description = "`Last-Event-ID` is of the poll's end: nothing comes after it. Do not reconnect."),
    ),
    security((), ("access_token" = []), ("voter_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let last = LastEvent::read(&context)?;
    let poll = context.poll().await?;
    let credentials = context.credentials()?;
    if was_the_end(&context.app, &poll, &credentials, last).await? {
        let mut response = empty(StatusCode::NO_CONTENT);
        response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        return Ok(response);
    }
    let body = match *context.request.method() {
        // Nobody would read it.
        Method::HEAD => Body::default(),
        _ => open(&context, &poll, &credentials, last).await?,
    };
    let mut response = Response::new(body);
    describe(response.headers_mut());
    Ok(response)
}

/// Whether the client was told the end of the poll, and all that it may see by then. Where that can't be found
/// out, it is told again.
async fn was_the_end(
    app: &App,
    poll: &Poll,
    credentials: &Credentials,
    last: Option<LastEvent>,
) -> Result<bool, ApiError> {
    let Some(last) = last else { return Ok(false) };
    let Ok(counts) = results::load(app, poll).await else { return Ok(false) };
    if !counts.finalized {
        return Ok(false);
    }
    // Who may not see the version may not find it out by trying either.
    let is_shown = may_see(app, poll, Status::Closed, credentials).await?;
    Ok(match last {
        LastEvent::Version(version) => is_shown && version >= counts.version,
        LastEvent::HiddenEnd => !is_shown,
    })
}

/// A stream for who has `last`.
async fn open(
    context: &Context,
    poll: &Arc<Poll>,
    credentials: &Credentials,
    last: Option<LastEvent>,
) -> Result<Body, ApiError> {
    let app = &context.app;
    let place = edge::admit_stream(context).map_err(|refusal| {
        app.metrics.refused(refusal);
        ApiError::Overloaded
    })?;
    let bell = Arc::<Bell>::default();
    let version = last.and_then(LastEvent::version);
    let subscription = Subscription::new(app, poll, credentials, version, bell.clone()).await?;
    Ok(Body::stream(EventStream::new(app.clone(), bell, subscription, place).with_retry()))
}

fn describe(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, EVENT_STREAM);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(X_ACCEL_BUFFERING, UNBUFFERED);
}
