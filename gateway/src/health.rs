//! Whether the gateway lives, and whether it is ready.

use std::sync::Arc;

use hyper::StatusCode;
use pollster_shared::admin;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, json};

/// Whether the program lives.
#[derive(Serialize, ToSchema)]
struct Liveness {
    /// Always true: who does not live does not answer.
    alive: bool,
}

/// Whether it can do its work.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
struct ReadinessView {
    /// Whether it can.
    ready: bool,
}

/// Whether the server lives
#[utoipa::path(
    get, path = "/livez", operation_id = "getLiveness", tag = "health",
    responses((status = 200, description = "It does.", body = Liveness, example = json!({"alive": true}))),
)]
pub(crate) async fn live(_: Context) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &Liveness { alive: true }))
}

/// Whether the server can do its work
///
/// It can while votes can be taken and, where it serves live results, results can be read.
/// The reasons are told on the admin listener only.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "health",
    responses(
        (status = 200, description = "It can.", body = ReadinessView, example = json!({"ready": true})),
        (status = 503, description = "It can't.", body = ReadinessView, example = json!({"ready": false})),
    ),
)]
pub(crate) async fn ready(context: Context) -> Result<Response, ApiError> {
    let app: &Arc<App> = &context.app;
    let ready = admin::readiness(&**app, &app.drain.begun).await.ready;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(json(status, &ReadinessView { ready }))
}
