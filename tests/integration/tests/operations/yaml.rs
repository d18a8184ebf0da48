//! YAML files of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "../rules/python.rs"]
pub(crate) mod python;

const TO_JSON: &str =
    "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout, default=str)";

/// The repository's folder.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What stands in a file of the repository, with its anchors and merged keys put in place; `None`, and that said, where
/// the Python environment that reads it is missing.
pub(crate) fn yaml(file: &str) -> Option<Value> {
    let Some(python) = python::program("python") else {
        pollster_stack::skipped(
            "there is no Python environment to read YAML; docker/install.sh tests makes it",
        );
        return None;
    };
    let output = Command::new(python).args(["-c", TO_JSON]).arg(repository().join(file)).output().unwrap();
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
