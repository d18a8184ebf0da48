//! The form that all errors have.

use pollster_shared::poll::FieldError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use uuid::Uuid;

use super::Code;

/// Why a request is not answered as it asks: problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Problem<'a> {
    /// Always `about:blank`: see `code`.
    pub(crate) r#type: &'static str,
    /// What the code means, the same wherever it occurs.
    pub(crate) title: &'static str,
    /// The status of the answer.
    pub(crate) status: u16,
    /// What went wrong, for a person to read.
    pub(crate) detail: String,
    /// What programs tell errors apart by.
    #[schema(schema_with = code_schema)]
    pub(crate) code: &'static str,
    /// Identifies the request in the logs; also in the header `X-Request-Id`.
    pub(crate) request_id: &'a str,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldProblem>,
    /// With `already_voted`: the questions that this voter answered before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) questions: Vec<Uuid>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Where, for instance `questions[0].choices[2]`.
    field: String,
    /// What it must be.
    detail: String,
}

impl<'a> Problem<'a> {
    pub(super) fn new(
        code: Code,
        detail: String,
        request_id: &'a str,
        errors: Vec<FieldError>,
        questions: Vec<Uuid>,
    ) -> Self {
        let field = |error: FieldError| FieldProblem { field: error.field, detail: error.detail };
        Self {
            r#type: "about:blank",
            title: code.title(),
            status: code.status().as_u16(),
            detail,
            code: code.name(),
            request_id,
            errors: errors.into_iter().map(field).collect(),
            questions,
        }
    }
}

fn code_schema() -> Object {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    names.dedup();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("What programs tell errors apart by."))
        .enum_values(Some(names))
        .build()
}
