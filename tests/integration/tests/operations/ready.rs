//! `--check-ready`: a program asks the one that runs with its settings, for health checks without a shell.

use std::path::Path;
use std::process::{Command, Output};

use pollster_integration::{DEADLINE, Service, Stack, environment, wait_until};
use pollster_stack::find_program;

/// Asks what runs with the settings of `service`.
fn ask(stack: &Stack, program: &str, args: &[&str], service: &Service) -> Output {
    let env = environment(stack.redis().url(), stack.database().url(), Path::new("/nonexistent"));
    let mut command = Command::new(find_program(program).unwrap());
    command.args(args).arg("--check-ready").env_clear().envs(env);
    command.env("ADMIN_LISTEN", service.admin().to_string()).output().unwrap()
}

#[tokio::test]
async fn each_program_says_whether_the_one_that_runs_is_ready_and_why_not() {
    let stack = Stack::builder().own_postgres().start().await;
    let programs: [(&str, &[&str], &Service); 3] = [
        ("pollster-gateway", &[], stack.gateway(0)),
        ("pollster-aggregator", &[], stack.aggregator(0)),
        ("pollster-background", &["run"], stack.background()),
    ];
    for (program, args, service) in programs {
        let ready = ask(&stack, program, args, service);
        assert_eq!((ready.status.code(), ready.stderr.len()), (Some(0), 0), "{program}: {ready:?}");
    }
    stack.database().kill_server().await;
    for (program, args, service) in &programs[1..] {
        wait_until("it is not ready", DEADLINE, async || {
            let asked = ask(&stack, program, args, service);
            let said = String::from_utf8_lossy(&asked.stderr).into_owned();
            (asked.status.code() == Some(1) && said.contains("not ready: ")).then_some(())
        })
        .await;
    }
    stack.gateway(0).kill().await;
    let gone = ask(&stack, "pollster-gateway", &[], stack.gateway(0));
    let said = String::from_utf8_lossy(&gone.stderr).into_owned();
    assert!(gone.status.code() == Some(1) && said.contains("nobody answers"), "{said}");
    assert!(said.contains("ADMIN_LISTEN"), "{said}");
}
