//! The errors of an operation, from the codes that it may give.

use std::collections::BTreeMap;

use hyper::StatusCode;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, Ref, RefOr, Response};

use crate::error::{ApiError, Code};

/// An error of every code, by the names that [`add`] calls them.
pub(super) fn examples() -> impl Iterator<Item = (String, RefOr<Example>)> {
    Code::ALL.iter().map(|&code| {
        let problem = ApiError::example(code).problem("01983c60-0c5a-7d11-9f62-8a8a4f5c7e21");
        let value = serde_json::to_value(problem).ok();
        (component(code), ExampleBuilder::new().summary(code.title()).value(value).into())
    })
}

/// Adds the errors to the answers of `operation`, by status, each with an example a code.
pub(super) fn add(operation: &mut Operation, codes: &[Code]) {
    let mut by_status: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    for &code in codes {
        let same = by_status.entry(code.status()).or_default();
        if !same.contains(&code) {
            same.push(code);
        }
    }
    let answers = &mut operation.responses.responses;
    for (status, codes) in by_status {
        // A handler's own answer may have the same status and another content type.
        let answer = answers.entry(status.as_str().to_owned()).or_insert_with(|| Response::new("").into());
        if let RefOr::T(answer) = answer {
            describe(answer, &codes);
        }
    }
    for (status, answer) in answers {
        if let RefOr::T(answer) = answer {
            let is_limited =
                codes.contains(&Code::RateLimited) && (status.starts_with('2') || status == "429");
            answer.headers.extend(headers(status, is_limited));
        }
    }
}

fn describe(answer: &mut Response, codes: &[Code]) {
    let titles = codes.iter().map(|code| format!("`{}`: {}.", code.name(), code.title()));
    let own = Some(answer.description.clone()).filter(|own| !own.is_empty());
    answer.description = own.into_iter().chain(titles).collect::<Vec<_>>().join(" ");
    answer.content.insert("application/problem+json".to_owned(), content(codes).into());
}

/// What an answer of this status says besides its body.
fn headers(status: &str, is_limited: bool) -> impl Iterator<Item = (String, RefOr<Header>)> {
    let always: &[_] = match status {
        "401" => &[("WWW-Authenticate", Type::String, "`Bearer`, and what is wrong with the token sent.")],
        "429" | "503" => &[("Retry-After", Type::Integer, "Seconds after which to send the request again.")],
        _ => &[],
    };
    let limits: &[_] = match is_limited {
        true => &[
            ("RateLimit-Policy", Type::String, "The limits, where any are on: requests `q` in seconds `w`."),
            (
                "RateLimit",
                Type::String,
                "What is left of the tightest: requests `r`, one more in seconds `t`.",
            ),
        ],
        false => &[],
    };
    always.iter().chain(limits).map(|(name, kind, description)| {
        let schema = ObjectBuilder::new().schema_type(kind.clone());
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(*description)).build();
        ((*name).to_owned(), header.into())
    })
}

fn content(codes: &[Code]) -> Content {
    let example = |&code: &Code| {
        let reference = Ref::new(format!("#/components/examples/{}", component(code)));
        (code.name(), RefOr::<Example>::Ref(reference))
    };
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(codes.iter().map(example))
        .build()
}

/// The name of a code's example among the components. Two codes have the same name, with another status.
fn component(code: Code) -> String {
    format!("{code:?}")
}
