//! `PATCH /api/v1/me`

use std::sync::Arc;

use hyper::StatusCode;
use pollster_shared::accounts::{self, Change, ChangeError, Read};
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::FieldError;

use super::MAX_BODY;
use super::me::{GONE, MeView, view};
use crate::app::App;
use crate::error::ApiError;
use crate::guard;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, json};
use crate::tokens::Account;

/// Change one's own account
///
/// What it wants to be told and how, and which notifications it has read: `"all"`, or some by their ids. What is
/// absent stays as it is.
#[utoipa::path(
    patch, path = "/api/v1/me", operation_id = "changeMe", tag = "accounts",
    request_body(content = Change, example = examples::me_change),
    responses((status = 200, description = "The account as it is now.", body = MeView, example = examples::me)),
    security(("access_token" = [])),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let account = context.required_account()?;
    let change: Change = context.json(MAX_BODY).await?;
    // A client that hangs up must not leave a transaction half-way.
    let view = guard::finish(context.place, make(context.app, account, change)).await?;
    Ok(json(StatusCode::OK, &view))
}

async fn make(app: Arc<App>, account: Account, change: Change) -> Result<MeView, ApiError> {
    let asked = change.read.clone();
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let changed = accounts::change(&mut connection, &account.subject, app.tokens.issues(), change).await;
    match changed {
        Ok(true) => view(&app, &mut connection, account).await,
        Ok(false) => Err(GONE),
        Err(ChangeError::Query(error)) => Err(DatabaseError::from(error).into()),
        Err(ChangeError::NotTheirs(others)) => {
            let asked = match &asked {
                Some(Read::These(ids)) => ids.as_slice(),
                _ => &[],
            };
            let wrong = asked.iter().enumerate().filter(|(_, id)| others.contains(id));
            let detail = "must be a notification of this account";
            Err(ApiError::InvalidAccount(
                wrong.map(|(place, _)| FieldError::new(format!("read[{place}]"), detail)).collect(),
            ))
        }
    }
}
