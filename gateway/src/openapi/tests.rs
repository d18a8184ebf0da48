#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::Code;
use crate::routes;

/// Codes that no operation gives: those of paths and methods that have none.
const OF_NO_OPERATION: [Code; 1] = [Code::MethodNotAllowed];

fn document() -> Value {
    serde_json::to_value(super::document()).unwrap()
}

/// Every operation by its method and path.
fn operations(document: &Value) -> BTreeMap<(String, &str), &Value> {
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.insert((method.to_uppercase(), path.as_str()), operation);
        }
    }
    operations
}

/// Calls `visit` with every object of `value`.
fn objects<'a>(value: &'a Value, visit: &mut impl FnMut(&'a serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| objects(value, visit));
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, visit)),
        _ => {}
    }
}

#[test]
fn the_routes_and_the_document_are_the_same() {
    let document = document();
    let documented: BTreeSet<_> = operations(&document).into_keys().collect();
    let routed = routes::table().into_iter();
    let routed: BTreeSet<_> = routed.map(|route| (route.method.to_string(), route.path)).collect();
    assert_eq!(documented, routed);
}

#[test]
fn every_code_is_given_by_some_operation() {
    let given: Vec<Code> = routes::table().iter().flat_map(|route| route.errors.concat()).collect();
    for code in Code::ALL {
        assert_eq!(given.contains(code), !OF_NO_OPERATION.contains(code), "{code:?}");
    }
}

#[test]
fn every_operation_says_what_it_does_and_answers() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id) && id != "handle", "{name:?}: {id}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name:?}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{name:?}");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| matches!(status.as_bytes()[0], b'1' | b'2')), "{name:?}");
        for (status, answer) in answers {
            assert!(!answer["description"].as_str().unwrap().is_empty(), "{name:?} {status}");
        }
    }
}

#[test]
fn every_json_body_has_an_example() {
    let document = document();
    for (name, operation) in operations(&document) {
        let mut contents = 0;
        objects(operation, &mut |object| {
            for content_type in ["application/json", "application/problem+json"] {
                let Some(content) = object.get(content_type) else { continue };
                contents += 1;
                let has = content.get("example").is_some() || content.get("examples").is_some();
                assert!(has, "{name:?}: {content}");
            }
        });
        assert!(contents > 0, "{name:?}");
    }
}

#[test]
fn a_path_names_its_parameters() {
    let document = document();
    for ((method, path), operation) in operations(&document) {
        let of_path = |parameter: &&Value| parameter["in"] == "path";
        let parameters = operation["parameters"].as_array().into_iter().flatten().filter(of_path);
        let named: BTreeSet<&str> = parameters.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let segments = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let wanted: BTreeSet<&str> = segments.collect();
        assert_eq!(named, wanted, "{method} {path}");
    }
}

#[test]
fn everything_named_is_there() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = 0;
    objects(&document, &mut |object| {
        let Some(reference) = object.get("$ref").and_then(Value::as_str) else { return };
        references += 1;
        let target = document.pointer(reference.strip_prefix('#').unwrap());
        assert!(target.is_some(), "{reference}");
    });
    assert!(references > 0);

    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for (name, operation) in operations(&document) {
        assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{name:?}");
        for required in operation["security"].as_array().into_iter().flatten() {
            let unknown = required.as_object().unwrap().keys().find(|scheme| !schemes.contains_key(*scheme));
            assert_eq!(unknown, None, "{name:?}");
        }
    }
}
