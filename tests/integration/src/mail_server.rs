//! A mail server: SMTP by `mailin`, which keeps what it is sent.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mailin::response::{AUTH_OK, INVALID_CREDENTIALS, OK};
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const USER: &str = "pollster";
const PASSWORD: &str = "the mail server's password";

/// A mail as it came in.
#[derive(Debug, Clone, Default)]
pub struct ReceivedMail {
    /// Whom a failure would be told to.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
    /// Headers and body.
    pub content: String,
}

/// A server on a port of its own. It takes mail from those who know its password.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<ReceivedMail>,
    /// Codes that the next mails are refused with.
    refusals: VecDeque<u16>,
    refused: usize,
    /// How many of the next mails are never answered.
    hangs: usize,
}

impl MailServer {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                // What ends a connection early is seen by who waits for its mail.
                tokio::spawn(converse(stream, peer.ip(), shared.clone()));
            }
        });
        Self { address, state, accepting }
    }

    /// Its `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://{USER}:{}@{}", PASSWORD.replace(' ', "%20"), self.address)
    }

    /// Refuses the next mail with this code, and words that name its recipient.
    pub fn refuse_next(&self, code: u16) {
        lock(&self.state).refusals.push_back(code);
    }

    /// Answers nothing any more once the next mail's recipient is named.
    pub fn hang_next(&self) {
        lock(&self.state).hangs += 1;
    }

    /// Whether all that were to be left without an answer were.
    pub fn has_hung(&self) -> bool {
        lock(&self.state).hangs == 0
    }

    /// How many mails it refused.
    pub fn refused(&self) -> usize {
        lock(&self.state).refused
    }

    /// The mails that it took.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        lock(&self.state).mails.clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The other side of one connection.
struct Visitor {
    state: Arc<Mutex<State>>,
    mail: ReceivedMail,
}

impl Handler for Visitor {
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        if (user, password) == (USER, PASSWORD) { AUTH_OK } else { INVALID_CREDENTIALS }
    }

    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.mail = ReceivedMail { from: from.to_owned(), ..ReceivedMail::default() };
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let mut state = lock(&self.state);
        if let Some(code) = state.refusals.pop_front() {
            state.refused += 1;
            return Response::custom(code, format!("{to}: not now, or never"));
        }
        self.mail.to.push(to.to_owned());
        OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.mail.content.push_str(&String::from_utf8_lossy(line));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        lock(&self.state).mails.push(std::mem::take(&mut self.mail));
        OK
    }
}

async fn converse(stream: TcpStream, peer: IpAddr, state: Arc<Mutex<State>>) -> io::Result<()> {
    let mut builder = SessionBuilder::new("mail.example.org");
    builder.enable_auth(AuthMechanism::Plain).insecure_enable_plaintext_auth();
    let mut session: Session<Visitor> =
        builder.build(peer, Visitor { state: state.clone(), mail: ReceivedMail::default() });
    let mut stream = BufReader::new(stream);
    stream.write_all(&session.greeting().buffer()?).await?;
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await? > 0 {
        if line.starts_with(b"RCPT") && hangs(&state) {
            // Until the other side goes.
            tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
            break;
        }
        let response = session.process(&line);
        line.clear();
        if response.action != Action::NoReply {
            stream.write_all(&response.buffer()?).await?;
        }
        if response.action == Action::Close {
            break;
        }
    }
    Ok(())
}

fn hangs(state: &Mutex<State>) -> bool {
    let hangs = &mut lock(state).hangs;
    let is_meant = *hangs > 0;
    *hangs = hangs.saturating_sub(1);
    is_meant
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
