//! How a client says who asks.

use utoipa::openapi::RefOr;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

/// The schemes, by the names that handlers call them.
pub(super) fn schemes() -> [(String, RefOr<SecurityScheme>); 3] {
    let access_token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An account, by the access token that signing in gives."))
        .build();
    [
        ("access_token".to_owned(), SecurityScheme::Http(access_token).into()),
        (
            "voter_token".to_owned(),
            header("X-Voter-Token", "An anonymous voter: a UUID, made once by the client and kept."),
        ),
        (
            "manage_token".to_owned(),
            header("X-Manage-Token", "Who made the poll, by the token that creating it anonymously gave."),
        ),
    ]
}

fn header(name: &str, description: &str) -> RefOr<SecurityScheme> {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, description))).into()
}
