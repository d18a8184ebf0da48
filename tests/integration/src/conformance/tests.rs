use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::*;

fn document() -> Document {
    let problem = json!({"application/problem+json": {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {"cold": {"$ref": "#/components/examples/Cold"}},
    }});
    let tea = json!({"type": "object", "required": ["tea"], "properties": {"tea": {"type": "string"}}});
    let body = json!({"application/json": {"schema": tea.clone()}});
    let milk = json!({"type": "object", "required": ["milk"], "properties": {"milk": {"type": "boolean"}}});
    let both = json!({"allOf": [tea, milk]});
    Document::new(&json!({
        "components": {
            "schemas": {"Problem": {"required": ["code"], "properties": {"code": {"type": "string"}}}},
            "examples": {"Cold": {"value": {"code": "cold"}}},
        },
        "paths": {"/tea/{pot}": {
            "post": {"responses": {"200": {"content": {"application/json": {"schema": both}}}}},
            "put": {
                "requestBody": {"content": body},
                "responses": {"200": {"content": body}, "204": {}, "409": {"content": problem}},
            },
            "get": {"responses": {"200": {"content": body}}},
        }},
    }))
}

fn answered(
    request: &str,
    sent: &Value,
    status: u16,
    content_type: &str,
    body: &Value,
) -> Result<(), String> {
    let (method, path) = request.split_once(' ').expect("method and path");
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(content_type).expect("a content type");
    if !content_type.is_empty() {
        headers.insert(CONTENT_TYPE, value);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let reply = Reply { status: status.try_into().expect("a status"), headers, body: body.into() };
    check(&document(), &method.parse().expect("a method"), path, sent.to_string().as_bytes(), &reply)
}

#[test]
fn what_is_documented_passes() {
    let (tea, nothing) = (json!({"tea": "green"}), json!(null));
    let problem = "application/problem+json";
    for (request, status, content_type, body) in [
        ("PUT /tea/1", 200, "application/json; charset=utf-8", &tea),
        ("PUT /tea/1?hot=1", 204, "", &nothing),
        ("PUT /tea/1", 409, problem, &json!({"code": "cold"})),
        ("POST /tea/1", 200, "application/json", &json!({"tea": "black", "milk": true})),
        ("HEAD /tea/1", 200, "application/json", &nothing),
        ("GET /coffee", 404, problem, &json!({"code": "not_found"})),
        ("OPTIONS /tea/1", 200, "", &nothing),
        ("DELETE /tea/1", 405, problem, &json!({"code": "method_not_allowed"})),
    ] {
        assert_eq!(answered(request, &tea, status, content_type, body), Ok(()), "{request} {status}");
    }
}

#[test]
fn only_the_web_app_is_not_held_against_the_document() {
    for path in ["/", "/?a", "/p/api", "/apis", "/embed/ws", "/assets/a.js"] {
        assert!(is_web_app(path), "{path}");
    }
    for path in ["/api/v1/polls", "/api", "//api/x", "/ws", "/ws?a", "/livez", "/readyz?a/b"] {
        assert!(!is_web_app(path), "{path}");
    }
}

#[test]
fn whatever_is_not_documented_fails() {
    let (tea, nothing) = (json!({"tea": "green"}), json!(null));
    let (json, problem) = ("application/json", "application/problem+json");
    for (what, request, sent, status, content_type, body) in [
        ("a path", "GET /coffee", &tea, 200, json, &tea),
        ("a method", "DELETE /tea/1", &tea, 200, json, &tea),
        ("a preflight with a body", "OPTIONS /tea/1", &tea, 200, json, &tea),
        ("a deeper path", "GET /tea/1/2", &tea, 200, json, &tea),
        ("a status", "PUT /tea/1", &tea, 201, json, &tea),
        ("a content type", "PUT /tea/1", &tea, 200, "text/plain", &tea),
        ("no content type", "PUT /tea/1", &tea, 200, "", &nothing),
        ("a body where none is", "PUT /tea/1", &tea, 204, json, &tea),
        ("a code", "PUT /tea/1", &tea, 409, problem, &json!({"code": "hot"})),
        ("a property too few", "PUT /tea/1", &tea, 200, json, &json!({})),
        ("a property too many", "PUT /tea/1", &tea, 200, json, &json!({"tea": "green", "milk": true})),
        ("a part missing", "POST /tea/1", &tea, 200, json, &tea),
        ("a property too many", "POST /tea/1", &tea, 200, json, &json!({"tea": "", "milk": true, "ice": 1})),
        ("a type", "PUT /tea/1", &tea, 200, json, &json!({"tea": 1})),
        ("a body accepted", "PUT /tea/1", &json!({"milk": true}), 200, json, &tea),
    ] {
        assert!(answered(request, sent, status, content_type, body).is_err(), "{what}");
    }
}

#[test]
#[should_panic(expected = "an example does not fit its schema")]
fn an_example_fits_its_schema() {
    let content = json!({"application/json": {"schema": {"type": "string"}, "example": 1}});
    Document::new(&json!({"paths": {"/": {"get": {"responses": {"200": {"content": content}}}}}}));
}
