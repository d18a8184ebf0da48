//! `GET /api/v1/polls/{poll}/export?format=&audit=`

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use hyper::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};
use pollster_shared::archive::Store;
use pollster_shared::export::{Export, ExportError, Format, Selection, Sources};
use pollster_shared::poll::Poll;
use pollster_shared::vote::HashSecret;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::IntoParams;
use uuid::Uuid;

use super::manager;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::request::Context;
use crate::response::{Body, Incomplete, Response};

/// Exports at once: each takes some megabytes, and time from the thread that takes votes.
const AT_ONCE: usize = 4;
/// It shows who voted what.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// What exports are made of, and room for some at once.
#[derive(Debug)]
pub(crate) struct Exports {
    archive: Store,
    places: Arc<Semaphore>,
}

/// What is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// `csv`, `json` (JSON lines) or `parquet`.
    #[param(inline, required)]
    format: Option<Format>,
    /// Every event of every vote, instead of what each voter answered in the end.
    #[serde(default)]
    audit: bool,
}

/// An export under way, which holds its place.
struct Download {
    export: Export,
    poll_id: Uuid,
    _place: OwnedSemaphorePermit,
}

impl Exports {
    pub(crate) fn new(archive: Store) -> Self {
        Self { archive, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// Export a poll's responses
///
/// A row a voter and question, by question, then by voter: `submitted_at`, `question_id`, `question`, `choice_ids`,
/// `choices`, `voter`. An answer that was revoked is none. `voter` tells the accounts that voted apart, and is the
/// same in every export of this poll, but says nothing of who they are and is another in every other poll; it is empty
/// where browsers vote (`voter_identity` is not `account`): they are anonymous.
///
/// With `audit=true`, a row an event: `at`, `kind` (`cast`, `changed`, `revoked`, or `refused`: accepted as a second
/// vote in an outage and never counted), `question_id`, `question`, `old_choice_ids`, `old_choices`,
/// `new_choice_ids`, `new_choices`, `voter`. A voter's events on a question stand together, in their order.
///
/// CSV has CRLF and a header line; the choices of one answer stand in one cell, with `; ` between them; texts that a
/// spreadsheet would take for a formula begin with an apostrophe. In JSON and Parquet they are lists. An export that
/// breaks off ends the connection without the end of the body: do not use what came. A poll that takes votes meanwhile
/// is exported a page at a time: each vote as it stood at some moment of the export.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}/export", operation_id = "exportPoll", tag = "results",
    params(PollName, Query),
    responses((
        status = 200, description = "The rows, as an attachment.",
        headers(("Content-Disposition" = String, description = "The name of a file to save it as.")),
        content(
            (String = "text/csv", example = examples::csv_export),
            (String = "application/x-ndjson", example = examples::json_export),
            (String = "application/vnd.apache.parquet"),
        ),
    )),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let selection = context.query::<Query>()?.selection()?;
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    let body = match *context.request.method() {
        // Nobody would read it.
        Method::HEAD => Body::default(),
        _ => open(&context, &poll, selection).await?,
    };
    let mut response = Response::new(body);
    describe(response.headers_mut(), &poll, selection);
    Ok(response)
}

impl Query {
    fn selection(self) -> Result<Selection, ApiError> {
        let missing =
            || ApiError::Malformed("Say `format=csv`, `format=json` or `format=parquet`.".to_owned());
        Ok(Selection { format: self.format.ok_or_else(missing)?, audit: self.audit })
    }
}

/// The export's body, once its first bytes are there: what can't be read at all is an error of its own.
async fn open(context: &Context, poll: &Arc<Poll>, selection: Selection) -> Result<Body, ApiError> {
    let Exports { archive, places } = &context.app.exports;
    let place = places.clone().try_acquire_owned().map_err(|_| ApiError::Overloaded)?;
    // All of it comes from the server that it began on.
    let begin =
        |pool| begin(Sources { pool, archive: archive.clone() }, poll, selection, &context.app.secret);
    let (export, first) = context.app.reads.read(begin).await?;
    let download = Download { export, poll_id: poll.poll_id, _place: place };
    Ok(Body::try_stream(download.chunks(first)))
}

async fn begin(
    sources: Sources,
    poll: &Arc<Poll>,
    selection: Selection,
    secret: &HashSecret,
) -> Result<(Export, Bytes), ExportError> {
    let mut export = Export::open(&sources, poll, selection, secret).await?;
    let first = export.next().await?.unwrap_or_default();
    Ok((export, first))
}

impl Download {
    /// All chunks; each is made when the connection has room for it.
    fn chunks(self, first: Bytes) -> impl Stream<Item = Result<Bytes, Incomplete>> + Send + 'static {
        stream::try_unfold((Some(first), self), async |(first, mut download)| {
            let chunk = match first {
                Some(first) => Some(first),
                None => download.next().await?,
            };
            Ok(chunk.map(|chunk| (chunk, (None, download))))
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Incomplete> {
        let chunk = self.export.next().await;
        chunk.map_err(|error| {
            tracing::warn!(poll_id = %self.poll_id, %error, "an export broke off");
            Incomplete
        })
    }
}

fn describe(headers: &mut HeaderMap, poll: &Poll, selection: Selection) {
    let (content_type, extension) = match selection.format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Json => ("application/x-ndjson", "jsonl"),
        Format::Parquet => ("application/vnd.apache.parquet", "parquet"),
    };
    let suffix = if selection.audit { "-audit" } else { "" };
    let disposition = format!("attachment; filename=\"{}{suffix}.{extension}\"", poll.slug);
    let disposition = HeaderValue::try_from(disposition);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, PRIVATE);
    headers.insert(
        CONTENT_DISPOSITION,
        disposition.unwrap_or_else(|_| unreachable!("slugs are letters and digits")),
    );
}
