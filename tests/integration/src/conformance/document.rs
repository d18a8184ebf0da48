//! An OpenAPI document, made ready to hold answers against.

use std::collections::HashMap;

use hyper::Method;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

/// The operations, by path.
#[derive(Debug)]
pub(super) struct Document {
    /// In the order in which they are tried: those with fewer parameters first.
    paths: Vec<(String, Vec<Operation>)>,
}

/// One method of a path.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    /// What it takes.
    pub(super) body: Option<Content>,
    /// What it answers, by status.
    pub(super) answers: HashMap<u16, Answer>,
}

/// What is documented of one status.
#[derive(Debug)]
pub(super) struct Answer {
    /// By content type.
    pub(super) contents: HashMap<String, Content>,
}

/// What is documented of one content type.
#[derive(Debug)]
pub(super) struct Content {
    schema: Option<Validator>,
    /// The names of its examples: of problem details, the codes.
    pub(super) examples: Vec<String>,
}

impl Document {
    /// # Panics
    /// Where it is not a document, or an example does not fit its schema.
    pub(super) fn new(document: &Value) -> Self {
        let components = &document["components"];
        let components = closed(components.clone(), components);
        let operation = |(method, operation): (&String, &Value)| Operation {
            method: method.to_uppercase().parse().expect("a method"),
            body: operation
                .pointer("/requestBody/content/application~1json")
                .map(|content| Content::new(content, &components)),
            answers: members(&operation["responses"])
                .map(|(status, answer)| (status.parse().expect("a status"), Answer::new(answer, &components)))
                .collect(),
        };
        let mut paths: Vec<_> = members(&document["paths"])
            .map(|(path, operations)| (path.clone(), members(operations).map(operation).collect()))
            .collect();
        paths.sort_by_key(|(path, _)| path.matches('{').count());
        Self { paths }
    }

    /// The operations of a request's path.
    pub(super) fn operations(&self, path: &str) -> &[Operation] {
        let found = self.paths.iter().find(|(template, _)| matches(template, path));
        found.map_or(&[], |(_, operations)| operations.as_slice())
    }
}

impl Answer {
    fn new(answer: &Value, components: &Value) -> Self {
        let content = |(name, content): (&String, &Value)| (name.clone(), Content::new(content, components));
        Self { contents: members(&answer["content"]).map(content).collect() }
    }
}

impl Content {
    fn new(content: &Value, components: &Value) -> Self {
        let schema = content.get("schema").map(|schema| {
            let mut schema = closed(schema.clone(), components);
            schema["components"] = components.clone();
            jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
        });
        let examples = members(&content["examples"]).map(|(name, _)| name.clone()).collect();
        let described = Self { schema, examples };
        let examples =
            members(&content["examples"]).map(|(_, example)| &resolve(example, components)["value"]);
        for example in examples.chain(content.get("example")) {
            if let Err(problem) = described.check(example) {
                panic!("an example does not fit its schema: {problem}: {example}");
            }
        }
        described
    }

    /// Whether `body` fits the schema.
    pub(super) fn check(&self, body: &Value) -> Result<(), String> {
        let Some(schema) = &self.schema else { return Ok(()) };
        let problem = |error: ValidationError<'_>| format!("{error} at {:?}", error.instance_path().as_str());
        let problems: Vec<String> = schema.iter_errors(body).map(problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(problems.join(", ")) }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What `value` is, or what it refers to.
fn resolve<'a>(value: &'a Value, components: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    let pointer = reference.strip_prefix("#/components").expect("a reference to the components");
    components.pointer(pointer).expect("what is referred to")
}

/// Whether `path` is one of those that `template` stands for.
fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return false,
        }
    }
}

/// The schema, and all within, without room for properties that it does not name.
fn closed(mut schema: Value, components: &Value) -> Value {
    if let Some(Value::Array(parts)) = schema.get("allOf") {
        schema = joined(parts, components);
    }
    match &mut schema {
        Value::Object(members) => {
            members.values_mut().for_each(|member| *member = closed(member.take(), components));
            if members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(|element| *element = closed(element.take(), components));
        }
        _ => {}
    }
    schema
}

/// One object with the properties of all `parts`: each alone would be closed to the others'.
fn joined(parts: &[Value], components: &Value) -> Value {
    let parts = || parts.iter().map(|part| resolve(part, components));
    let properties: Map<_, _> = parts().flat_map(|part| members(&part["properties"])).map(owned).collect();
    let required: Vec<&Value> = parts().filter_map(|part| part["required"].as_array()).flatten().collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}
