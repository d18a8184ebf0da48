//! The units of docker/systemd: systemd takes them, and what they start takes its arguments and settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use pollster_stack::{Scratch, find_program, free_port, is_free, skipped};

use crate::settings::{Environment, SECRET, known, starts};
use crate::yaml::repository;

const FOLDER: &str = "docker/systemd";
/// Where the example keeps files.
const STATE: &str = "/var/lib/pollster";
/// The most that a service may be exposed, in tenths: `systemd-analyze security` says 96 of one that may do all.
const EXPOSURE: &str = "15";

fn units() -> Vec<PathBuf> {
    let files = fs::read_dir(repository().join(FOLDER)).unwrap().map(|file| file.unwrap().path());
    let is_unit = |file: &PathBuf| file.extension().is_some_and(|kind| kind == "service" || kind == "target");
    let mut units: Vec<_> = files.filter(is_unit).collect();
    units.sort();
    units
}

fn services() -> Vec<String> {
    let texts = units().into_iter().map(|unit| fs::read_to_string(unit).unwrap());
    texts.filter(|text| text.contains("[Service]")).collect()
}

/// What a unit says of a key, once.
fn value<'a>(unit: &'a str, key: &str) -> &'a str {
    let mut values = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let value = values.next().unwrap_or_else(|| panic!("no {key} in {unit}"));
    assert_eq!(values.next(), None, "{key} in {unit}");
    value
}

/// The program's name and its arguments.
fn command(unit: &str) -> (&str, Vec<&str>) {
    let mut words = value(unit, "ExecStart").split(' ');
    let program = words.next().unwrap().strip_prefix("/usr/local/bin/").unwrap();
    (program, words.collect())
}

/// What the file of settings says, with those that are commented out or without; secrets are put in.
fn example(with_optional: bool) -> Environment {
    let text = fs::read_to_string(repository().join(FOLDER).join("pollster.env.example")).unwrap();
    let lines = text.lines().filter_map(|line| match line.strip_prefix('#') {
        Some(optional) => with_optional.then_some(optional),
        None => Some(line),
    });
    let settings = lines.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once('='));
    let value = |value: &str| if value.is_empty() { SECRET.to_owned() } else { value.to_owned() };
    settings.map(|(name, given)| (name.to_owned(), value(given))).collect()
}

#[test]
fn settings_are_what_some_program_takes_and_none_that_a_unit_decides() {
    let services = services();
    let known: Vec<_> = services
        .iter()
        .map(|unit| {
            let (program, args) = command(unit);
            let commands = args.split(|word| word.starts_with("--")).next().unwrap();
            known(program, commands)
        })
        .collect();
    for name in example(true).keys() {
        assert!(known.iter().any(|known| known.contains(name)), "no program takes {name}");
        assert!(!["LISTEN", "ADMIN_LISTEN"].contains(&name.as_str()), "{name} is another in each unit");
    }
}

/// A port of four digits whose number after a 1 is free, too.
fn instance() -> u16 {
    (2000..5000).find(|port| is_free(*port) && is_free(10_000 + port)).unwrap()
}

#[test]
fn services_start_with_the_settings_of_the_example() {
    let folder = Scratch::new("systemd").unwrap();
    let mut settings = example(false);
    for value in settings.values_mut() {
        *value = value.replace(STATE, &folder.path().display().to_string());
    }
    for unit in services() {
        let (program, args) = command(&unit);
        if args == ["migrate"] {
            continue;
        }
        let instance = instance();
        let args: Vec<_> = args.iter().map(|word| word.replace("%i", &instance.to_string())).collect();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let told = args.iter().position(|word| *word == "--admin-listen").map(|place| args[place + 1]);
        let admin = told
            .map_or_else(|| free_port().unwrap(), |told| told.rsplit(':').next().unwrap().parse().unwrap());
        settings.insert("ADMIN_LISTEN".to_owned(), format!("127.0.0.1:{admin}"));
        starts(program, &args, &settings, admin);
    }
}

#[test]
fn a_gateway_has_the_time_to_drain() {
    let services = services();
    let gateway = services.iter().find(|unit| command(unit).0 == "pollster-gateway").unwrap();
    let timeout = pollster_shared::config::parse_duration(value(gateway, "TimeoutStopSec")).unwrap();
    let help =
        Command::new(find_program("pollster-gateway").unwrap()).arg("--help").env_clear().output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let drain = ["DRAIN_DELAY", "DRAIN_TIMEOUT"].map(|name| {
        let (_, rest) = help.split_once(&format!("[env: {name}=")).unwrap();
        let (_, rest) = rest.split_once("[default: ").unwrap();
        pollster_shared::config::parse_duration(rest.split(']').next().unwrap()).unwrap()
    });
    assert!(timeout > drain.into_iter().sum::<Duration>(), "{timeout:?} {drain:?}");
}

/// A copy of the units that starts the programs where they were built, with an instance of each template.
fn installed(folder: &Path) -> Vec<PathBuf> {
    let copied =
        Command::new("cp").arg("-r").arg(repository().join(FOLDER).join(".")).arg(folder).status().unwrap();
    assert!(copied.success());
    let install = |unit: PathBuf| {
        let name = unit.file_name().unwrap().to_str().unwrap().replace("@.", "@8080.");
        let mut text = fs::read_to_string(&unit).unwrap();
        if text.contains("[Service]") {
            let program = command(&text).0.to_owned();
            let built = find_program(&program).unwrap();
            text = text.replace(&format!("/usr/local/bin/{program}"), built.to_str().unwrap());
        }
        fs::write(folder.join(&name), text).unwrap();
        folder.join(name)
    };
    units().into_iter().map(install).collect()
}

/// Has systemd look at all units; `None`, and that said, where there is none.
fn analyze(words: &[&str]) -> Option<Output> {
    let folder = Scratch::new("systemd").unwrap();
    let units = installed(folder.path());
    let analyzed: Vec<_> =
        units.iter().filter(|unit| words[0] == "verify" || unit.extension().unwrap() == "service").collect();
    match Command::new("systemd-analyze").args(words).args(analyzed).output() {
        Ok(output) => Some(output),
        Err(error) => {
            skipped(format!("systemd-analyze is not here: {error}"));
            None
        }
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_them() {
    let Some(output) = analyze(&["verify"]) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn services_may_do_little() {
    let Some(output) =
        analyze(&["security", "--offline=true", "--no-pager", &format!("--threshold={EXPOSURE}")])
    else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn what_always_runs_is_started_again_but_with_a_bad_setting() {
    for unit in services().into_iter().filter(|unit| command(unit).1 != ["migrate"]) {
        assert_eq!(value(&unit, "Restart"), "always");
        assert_eq!(value(&unit, "StartLimitIntervalSec"), "0");
        assert_eq!(value(&unit, "RestartPreventExitStatus"), "2 64");
    }
}
