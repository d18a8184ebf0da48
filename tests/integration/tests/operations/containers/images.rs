//! The images can be built of what is here, and hold a program each that is nobody in particular.

use std::collections::BTreeSet;
use std::process::Command;

use pollster_stack::{Scratch, find_program};
use serde_json::Value;

use super::dockerfile::{Stage, stages};
use super::variants;
use crate::yaml::repository;

const PROGRAMS: [&str; 3] = ["gateway", "aggregator", "background"];

/// Stages that images are made of.
fn finals() -> Vec<(&'static str, Stage)> {
    let mut stages = stages();
    PROGRAMS.map(|name| (name, stages.remove(name).unwrap())).into()
}

/// The version in a tag such as `1.95-slim-bookworm`.
fn version<'a>(from: &'a str, image: &str) -> &'a str {
    let tag = from.strip_prefix(image).and_then(|rest| rest.strip_prefix(':')).unwrap();
    tag.split('-').next().unwrap()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|number| number.parse().unwrap()).collect()
}

/// Whether .dockerignore keeps a path out: the last of its patterns that fits decides.
fn is_ignored(path: &str) -> bool {
    let text = std::fs::read_to_string(repository().join(".dockerignore")).unwrap();
    let patterns = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    patterns.fold(false, |ignored, line| {
        let (pattern, ignores) = line.strip_prefix('!').map_or((line, true), |pattern| (pattern, false));
        let fits = match pattern.strip_prefix("**/") {
            Some(name) => path.split('/').any(|part| part == name),
            None => pattern == "*" || path == pattern || path.starts_with(&format!("{pattern}/")),
        };
        if fits { ignores } else { ignored }
    })
}

/// What the stages copy from the repository.
fn sources() -> BTreeSet<String> {
    let stages = stages();
    let copies = stages.values().flat_map(|stage| stage.all("COPY"));
    let copies: Vec<_> = copies.filter(|copy| !copy.starts_with("--from")).collect();
    let sources = copies.iter().flat_map(|copy| {
        let words: Vec<_> = copy.split(' ').collect();
        words[..words.len() - 1].iter().map(|&word| word.to_owned()).collect::<Vec<_>>()
    });
    sources.collect()
}

#[test]
fn what_is_copied_is_there_and_gets_into_the_build() {
    for source in sources() {
        assert!(repository().join(&source).exists(), "{source} is not there");
        assert!(!is_ignored(&source), "{source} is kept out by .dockerignore");
    }
    for secret in ["docker/.env", ".git", ".local", "target", "gateway/web/node_modules", "tests/browser"] {
        assert!(is_ignored(secret), "{secret} gets into the build");
    }
}

#[test]
fn stages_copy_only_from_stages_before_them() {
    let stages = stages();
    for (name, stage) in &stages {
        for copy in stage.all("COPY") {
            let Some(from) = copy.strip_prefix("--from=") else { continue };
            let (from, _) = from.split_once(' ').unwrap();
            assert!(stages.contains_key(from), "{name} copies from {from}");
        }
    }
}

#[test]
fn every_member_of_the_workspace_gets_into_the_build() {
    let sources = sources();
    for package in metadata()["workspace_members"].as_array().unwrap() {
        let package = package.as_str().unwrap();
        let (_, folder) = package.split_once(&format!("{}/", repository().display())).unwrap();
        let folder = folder.split('#').next().unwrap();
        let is_covered =
            sources.iter().any(|source| folder == source || folder.starts_with(&format!("{source}/")));
        assert!(is_covered && !is_ignored(folder), "{folder} is missing, without which Cargo builds nothing");
    }
}

/// What Cargo knows of the workspace and of what it is locked to.
fn metadata() -> Value {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let cargo = cargo.args(["metadata", "--format-version=1", "--locked", "--offline"]);
    let output = cargo.current_dir(repository()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_compiler_is_new_enough_for_every_package_that_is_locked() {
    let stages = stages();
    let compiler = numbers(version(&stages["build"].from, "rust"));
    for package in metadata()["packages"].as_array().unwrap() {
        let Some(oldest) = package["rust_version"].as_str() else { continue };
        assert!(numbers(oldest)[..2] <= compiler[..], "{} takes Rust {oldest}", package["name"]);
    }
}

#[test]
fn node_is_new_enough_for_the_web_app() {
    let folder = Scratch::new("node").unwrap();
    let stages = stages();
    let says = format!("v{}.0", version(&stages["web"].from, "node"));
    for (program, says) in [("node", says.as_str()), ("npm", "")] {
        let path = folder.path().join(program);
        std::fs::write(&path, format!("#!/bin/sh\necho {says}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&path).status().unwrap().success());
    }
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let status = Command::new(repository().join("docker/has-node.sh")).env("PATH", path).status().unwrap();
    assert!(status.success(), "{says}");
}

#[test]
fn programs_run_on_the_debian_that_they_were_linked_on() {
    let stages = stages();
    assert!(stages["build"].from.ends_with("-bookworm"), "{}", stages["build"].from);
    assert!(stages["base"].from.contains("/cc-debian12:"), "{}", stages["base"].from);
    for (name, stage) in finals() {
        assert_eq!(stage.from, "base", "{name}");
    }
}

#[test]
fn images_are_of_users_without_rights_and_start_their_program_without_a_shell() {
    let stages = stages();
    let users = stages["base"].all("USER");
    let ids: Vec<u32> = users[0].split(':').map(|id| id.parse().unwrap()).collect();
    assert!(ids.len() == 2 && !ids.contains(&0), "{users:?}");
    let built = stages["build"].all("RUN").join(" ");
    for (name, stage) in finals() {
        assert!(stage.all("USER").is_empty() && stage.all("RUN").is_empty(), "{name}");
        let program = stage.program();
        assert!(find_program(&program).is_ok(), "{program}");
        assert!(built.contains(&format!("--package {program} ")), "{program} is not built");
        let copied = format!("--from=build /out/{program} /usr/local/bin/");
        assert_eq!(stage.all("COPY"), [copied], "{name}");
        assert_eq!(stage.exec("ENTRYPOINT"), [format!("/usr/local/bin/{program}")], "{name}");
    }
}

#[test]
fn images_say_on_which_ports_they_listen() {
    for (name, stage) in finals() {
        let exposed: BTreeSet<_> = stage.all("EXPOSE").into_iter().flat_map(str::split_whitespace).collect();
        assert_eq!(exposed, stage.ports(), "{name}");
    }
}

#[test]
fn everything_is_pinned() {
    for (name, stage) in stages() {
        let is_stage = stages().contains_key(&stage.from);
        // Distroless images have no versions but that of the Debian in their name.
        assert!(
            is_stage || is_pinned(&stage.from) || stage.from.contains("-debian"),
            "{name}: {}",
            stage.from
        );
    }
    for compose in variants() {
        for service in compose.services().values() {
            let image = service.said["image"].as_str().unwrap();
            assert!(service.target().is_some() || is_pinned(image), "{}: {image}", service.name);
        }
    }
}

/// Whether a tag is of one release, or of one line of them.
fn is_pinned(image: &str) -> bool {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let tag = tag.trim_start_matches("RELEASE.").trim_start_matches('v');
    let version = tag.split('-').next().unwrap();
    version.contains('.') && version.starts_with(|first: char| first.is_ascii_digit())
        || tag.split('-').count() >= 3 && tag.starts_with("20")
}

#[test]
fn compose_builds_stages_that_there_are() {
    let stages = stages();
    for compose in variants() {
        for program in compose.programs() {
            let build = &program.said["build"];
            // Folders of a compose file are those beside it.
            let context = repository().join("docker").join(build["context"].as_str().unwrap());
            assert_eq!(context.canonicalize().unwrap(), repository(), "{}", program.name);
            assert!(context.join(build["dockerfile"].as_str().unwrap()).is_file(), "{}", program.name);
            assert!(stages.contains_key(program.target().unwrap()), "{}", program.name);
        }
    }
}
