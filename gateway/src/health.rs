//! Whether the gateway lives, and whether it can take votes.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::StatusCode;
use pollster_shared::admin::{self, CheckReadiness, Readiness};
use pollster_shared::redis;
use serde_json::json;

use crate::app::App;
use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, json as respond};

/// `GET /livez`
pub(crate) async fn live(_: Context) -> Result<Response, ApiError> {
    Ok(respond(StatusCode::OK, &json!({"alive": true})))
}

/// `GET /readyz`: the reasons are told on the admin listener only.
pub(crate) async fn ready(context: Context) -> Result<Response, ApiError> {
    let app: &Arc<App> = &context.app;
    let ready = admin::readiness(&**app, &app.shutdown).await.ready;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(respond(status, &json!({"ready": ready})))
}

impl CheckReadiness for App {
    fn check(&self) -> BoxFuture<'_, Readiness> {
        async {
            let mut streams = self.streams.clone();
            let takes_votes = redis::ping(&mut streams).await.is_ok();
            let mut reasons = Vec::new();
            if !takes_votes {
                reasons.push("no connection to Redis: votes can't be taken".to_owned());
            }
            if self.pool.get().await.is_err() {
                reasons.push("no connection to PostgreSQL: accepted votes wait in Redis".to_owned());
            }
            Readiness { ready: takes_votes, reasons }
        }
        .boxed()
    }
}
