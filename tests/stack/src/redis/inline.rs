//! Questions to a Redis as lines of text, which need no client.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// What the server at this port of 127.0.0.1 answers to these commands, a line each, as it came.
pub(crate) fn ask(port: u16, commands: &[&str]) -> io::Result<String> {
    ask_within(TIMEOUT, port, commands)
}

/// The same where it may take longer: so long may it say nothing.
pub(super) fn ask_within(silence: Duration, port: u16, commands: &[&str]) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(silence))?;
    stream.write_all(format!("{}\r\nQUIT\r\n", commands.join("\r\n")).as_bytes())?;
    // Sentinels don't know QUIT.
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
