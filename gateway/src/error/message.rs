//! Errors as viewers see them, over WebSocket and as server-sent events: what problem details say over REST, but
//! for what is HTTP's.

use serde::Serialize;
use uuid::Uuid;

use super::problem::FieldProblem;
use super::{ApiError, Problem};

/// An error, in answer to the message of this id, and the poll where it is about one.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "error")]
pub(crate) struct ErrorMessage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll_id: Option<Uuid>,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<Uuid>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl<'a> ErrorMessage<'a> {
    pub(crate) fn new(error: ApiError, request_id: Option<&'a str>, poll_id: Option<Uuid>) -> Self {
        let retry_after = error.retry_after();
        // By name, so that what problem details will say is not forgotten here.
        let Problem { r#type: _, title: _, status: _, request_id: _, code, detail, errors, questions } =
            error.problem(request_id.unwrap_or_default());
        Self { request_id, poll_id, code, detail, errors, questions, retry_after }
    }
}
