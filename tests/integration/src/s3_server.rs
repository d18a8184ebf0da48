//! An S3 server: `s3s` over a folder, in the test's own process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use pollster_stack::Scratch;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

const BUCKET: &str = "bucket";
const FOLDER: &str = "pollster";
const ACCESS_KEY: &str = "POLLSTERTESTS";
const SECRET_KEY: &str = "the secret key of the S3 server";

/// A server on a port of its own with one bucket. It serves those who know its keys.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    service: S3Service,
    uploads: Arc<Uploads>,
    serving: Mutex<JoinHandle<()>>,
    scratch: Scratch,
}

/// What was asked for of multipart uploads.
#[derive(Debug, Default)]
struct Uploads {
    pieces: AtomicUsize,
    aborted: AtomicUsize,
}

impl S3Server {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let scratch = Scratch::new("s3").expect("a folder for the server");
        std::fs::create_dir(scratch.path().join(BUCKET)).expect("the bucket is made");
        let mut service =
            S3ServiceBuilder::new(FileSystem::new(scratch.path()).expect("the folder is taken"));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let uploads = Arc::<Uploads>::default();
        let serving = Mutex::new(tokio::spawn(serve(listener, service.clone(), uploads.clone())));
        Self { address, service, uploads, serving, scratch }
    }

    /// The variables with which a program keeps its archive there.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ARCHIVE_URL", format!("s3://{BUCKET}/{FOLDER}")),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ]
    }

    /// The folder in which the archive's objects are files.
    pub fn folder(&self) -> PathBuf {
        self.scratch.path().join(BUCKET).join(FOLDER)
    }

    /// Pieces of multipart uploads that it took.
    pub fn pieces(&self) -> usize {
        self.uploads.pieces.load(Ordering::Relaxed)
    }

    /// Multipart uploads that were given up.
    pub fn aborted(&self) -> usize {
        self.uploads.aborted.load(Ordering::Relaxed)
    }

    /// Can't be reached any more: its port is closed, its connections are cut.
    pub async fn stop(&self) {
        let serving = {
            let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
            serving.abort();
            std::mem::replace(&mut *serving, tokio::spawn(async {}))
        };
        // It was told to end.
        let _ = serving.await;
    }

    /// Can be reached again, with what it had.
    ///
    /// # Panics
    /// When its port was taken meanwhile.
    pub async fn resume(&self) {
        let listener = TcpListener::bind(self.address).await.expect("its port is still free");
        let serving = tokio::spawn(serve(listener, self.service.clone(), self.uploads.clone()));
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = serving;
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner).abort();
    }
}

async fn serve(listener: TcpListener, service: S3Service, uploads: Arc<Uploads>) {
    // Connections end with this.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, service.clone(), uploads.clone()));
    }
}

async fn converse(stream: TcpStream, service: S3Service, uploads: Arc<Uploads>) {
    let service = service_fn(|request: Request<Incoming>| {
        uploads.note(&request);
        Service::call(&service, request)
    });
    // What ends a connection early is seen by the client.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Uploads {
    fn note(&self, request: &Request<Incoming>) {
        let is_of_upload = request.uri().query().is_some_and(|query| query.contains("uploadId="));
        match *request.method() {
            Method::PUT if is_of_upload => self.pieces.fetch_add(1, Ordering::Relaxed),
            Method::DELETE if is_of_upload => self.aborted.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}
