//! `pollster-browser-stack [NAME=VALUE …]`: a whole Pollster for the browser tests, with these variables for
//! its programs.
//!
//! Once it is ready it prints `{"url": …, "other_url": …, "mail_folder": …}`, with the addresses of its two
//! gateways. Each line that it then reads is a command: `"kill gateway"` (SIGKILL) or `"restart gateway"` (on the
//! same port) to the first of them, answered by the same line once that is done. It ends, and everything with it,
//! when its standard input does.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use pollster_integration::Stack;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let Some(env) = std::env::args().skip(1).map(variable).collect::<Option<Vec<_>>>() else {
        eprintln!("usage: pollster-browser-stack [NAME=VALUE …]");
        return ExitCode::from(2);
    };
    match serve(&env) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pollster-browser-stack: {error}");
            ExitCode::FAILURE
        }
    }
}

fn variable(argument: String) -> Option<(String, String)> {
    argument.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Runs the stack for as long as there is somebody to use it.
fn serve(env: &[(String, String)]) -> io::Result<()> {
    let runtime = Runtime::new()?;
    let stack = runtime.block_on(start(env));
    say(&json!({
        "url": url(&stack, 0),
        "other_url": url(&stack, 1),
        "mail_folder": stack.mail_folder(),
    }))?;
    for line in io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        runtime.block_on(obey(&stack, &command))?;
        say(&command)?;
    }
    Ok(())
}

async fn start(env: &[(String, String)]) -> Stack {
    let builder = Stack::builder().gateways(2);
    env.iter().fold(builder, |builder, (name, value)| builder.env(name, value)).start().await
}

fn url(stack: &Stack, gateway: usize) -> String {
    format!("http://{}", stack.gateway(gateway).address())
}

async fn obey(stack: &Stack, command: &Value) -> io::Result<()> {
    match command.as_str() {
        Some("kill gateway") => stack.gateway(0).kill().await,
        Some("restart gateway") => stack.gateway(0).restart().await,
        _ => return Err(io::Error::other(format!("unknown command: {command}"))),
    }
    Ok(())
}

fn say(what: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{what}")?;
    out.flush()
}
