//! A captcha's verifier, as the siteverify protocol has it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const SECRET: &str = "the captcha secret of the tests & more";

/// How it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mood {
    /// As it should: a token that begins with `solved` passes, once.
    Well,
    /// With this status and body.
    Answers(u16, &'static str),
    /// Never.
    Silent,
}

/// A verifier that remembers what it was asked.
pub(crate) struct Verifier {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

struct State {
    mood: Mood,
    asked: Vec<HashMap<String, String>>,
}

impl Verifier {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { mood: Mood::Well, asked: Vec::new() }));
        let serving = state.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, serving.clone()));
            }
        });
        Self { address, state, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/siteverify", self.address)
    }

    pub(crate) fn turns(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Stops listening: nobody can connect any more.
    pub(crate) async fn goes_down(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// The forms that it was sent.
    pub(crate) fn asked(&self) -> Vec<HashMap<String, String>> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let form = read_form(&mut stream).await;
    let (mood, passed) = {
        let mut state = state.lock().unwrap();
        let spent = state.asked.iter().any(|asked| asked["response"] == form["response"]);
        let passed = form["response"].starts_with("solved") && form["secret"] == SECRET && !spent;
        if matches!(state.mood, Mood::Well) {
            state.asked.push(form);
        }
        (state.mood, passed)
    };
    let verdict = format!(r#"{{"success":{passed},"hostname":"example.org","error-codes":[]}}"#);
    let (status, body) = match mood {
        Mood::Well => (200, verdict.as_str()),
        Mood::Answers(status, body) => (status, body),
        // Until the other side goes.
        Mood::Silent => return drop(stream.read(&mut [0]).await),
    };
    let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

async fn read_form(stream: &mut TcpStream) -> HashMap<String, String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            assert!(head.starts_with("post /siteverify http/1.1\r\n"), "{head}");
            assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            }
        }
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the request is whole");
    }
}
