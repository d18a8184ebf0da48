//! Our own programs are found, or it is said how to get them.

use std::path::Path;

use pollster_stack::{Program, StackError};

#[test]
fn a_program_that_is_not_built_says_how_to_build_it() {
    let error = Program::start("pollster-nothing", &[], Path::new("unused.log")).unwrap_err();
    assert!(matches!(error, StackError::NotBuilt { .. }));
    assert!(error.to_string().contains("cargo build --workspace"), "{error}");
}
