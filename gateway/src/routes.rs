//! What is served where, and what every request passes on its way.
//!
//! To add a route: give its handler a `#[utoipa::path(…)]` with its parameters, body and answers that are no
//! errors, and [`table`] a line that says which errors it may give. The API's document is made of both.

mod table;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::header::CONTENT_SECURITY_POLICY;
use hyper::{Method, Request};
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tracing::Instrument;

use crate::app::App;
use crate::edge::{Class, Place};
use crate::error::ApiError;
use crate::guard;
use crate::metrics::{Answers, Metrics};
use crate::request::{Context, RequestBody};
use crate::response::Response;
use crate::roles::Role;
use crate::traced;
use crate::votes::receipt::count;
use crate::web;

pub(crate) use table::{Route, table};

type Handler = fn(Context) -> BoxFuture<'static, Result<Response, ApiError>>;

/// What answers a request, and what it is to the gateway's load.
type Endpoint = (Class, Handler);

/// One path of the table with all its methods.
#[derive(Debug)]
struct Path {
    answers: Answers,
    endpoints: Vec<(Method, Endpoint)>,
}

/// The routes, ready to be matched.
#[derive(Debug)]
pub(crate) struct Routes {
    table: matchit::Router<Path>,
    /// Answers on paths that the table does not have.
    assets: Answers,
    pages: Answers,
    unknown: Answers,
}

impl Routes {
    /// Those that a gateway of these roles serves.
    pub(crate) fn new(roles: &[Role], metrics: &Metrics) -> Self {
        let mut paths: Vec<Path> = Vec::new();
        let served = table().into_iter().filter(|route| route.roles.iter().any(|role| roles.contains(role)));
        for Route { method, path: pattern, class, handler, .. } in served {
            match paths.iter_mut().find(|path| path.answers.route() == pattern) {
                Some(path) => path.endpoints.push((method, (class, handler))),
                None => {
                    let endpoints = vec![(method, (class, handler))];
                    paths.push(Path { answers: metrics.answers(pattern), endpoints });
                }
            }
        }
        let mut table = matchit::Router::new();
        for path in paths {
            let pattern = path.answers.route();
            if let Err(error) = table.insert(pattern, path) {
                unreachable!("the table is fixed, and {pattern} is in it: {error}");
            }
        }
        let [assets, pages, unknown] = ["asset", "page", "unknown"].map(|name| metrics.answers(name));
        Self { table, assets, pages, unknown }
    }

    /// What answers a request, and where that is counted; the table's first, then the web app's.
    fn find(&self, method: &Method, path: &str) -> (&Answers, Result<Endpoint, ApiError>) {
        let Ok(matched) = self.table.at(path) else { return self.unmatched(method, path) };
        // A HEAD is a GET whose body hyper leaves out.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let endpoint = matched.value.endpoints.iter().find(|(served, _)| served == method);
        let found = match endpoint {
            Some((_, endpoint)) => Ok(*endpoint),
            None => Err(ApiError::MethodNotAllowed(allowed(&matched.value.endpoints))),
        };
        (&matched.value.answers, found)
    }

    /// What answers on a path that the table does not have: the web app, unless the path is the API's.
    fn unmatched(&self, method: &Method, path: &str) -> (&Answers, Result<Endpoint, ApiError>) {
        if !web::owns(path) {
            return (&self.unknown, Err(ApiError::NotFound));
        }
        let (answers, handler): (_, Handler) = match web::is_file(path) {
            true => (&self.assets, |context| web::file(context).boxed()),
            false => (&self.pages, |context| web::page(context).boxed()),
        };
        match *method {
            Method::GET | Method::HEAD => (answers, Ok((Class::Read, handler))),
            _ => (answers, Err(ApiError::MethodNotAllowed("GET, HEAD".to_owned()))),
        }
    }
}

fn allowed(endpoints: &[(Method, Endpoint)]) -> String {
    let mut methods: Vec<&str> = endpoints.iter().map(|(method, _)| method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

/// What answers the requests of a connection.
pub(crate) trait Service:
    tower::Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Service for S where
    S: tower::Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// The service that answers every request of a connection.
pub(crate) fn service(app: Arc<App>, routes: Arc<Routes>, peer: IpAddr) -> impl Service {
    let (completed, cors) = (app.clone(), app.edge.cors.clone());
    ServiceBuilder::new()
        // Every answer tells browsers what to refuse.
        .map_response(move |mut response: Response| {
            completed.edge.headers.complete(response.headers_mut());
            // The last answer before the gateway goes says so.
            completed.drain.complete(&mut response);
            response
        })
        // Every request has an id, its own or ours, for the logs and for problem details,
        .layer(SetRequestIdLayer::x_request_id(NewRequestId))
        // and every response repeats it.
        .layer(PropagateRequestIdLayer::x_request_id())
        // Pages of other origins are told what they may do, where any are allowed.
        .option_layer(cors)
        .service_fn(move |request| answer(app.clone(), routes.clone(), peer, request))
}

#[derive(Debug, Clone, Copy)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let mut text = uuid::Uuid::encode_buffer();
        let text = uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text);
        Some(RequestId::new(text.parse().ok()?))
    }
}

async fn answer(
    app: Arc<App>,
    routes: Arc<Routes>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let started = Instant::now();
    let request = request.map(RequestBody::new);
    let request_id = request.extensions().get::<RequestId>().cloned();
    let policy = app.edge.headers.policy(request.uri().path());
    let (answers, found) = routes.find(request.method(), request.uri().path());
    let pattern = answers.route();
    let trace = traced::begin(&app, &request, peer, pattern);
    let request_id = request_id.as_ref().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let logged = traced::log_span(request_id, trace.as_ref());
    // Refused at once where as much is in hand as may be,
    let admitted = found.and_then(|(class, handler)| Ok((enter(&app, started, class)?, handler)));
    let answered = match admitted {
        // and within a time that is bounded, whatever the handler meets.
        Ok((place, handler)) => {
            let context = Context { app: app.clone(), peer, request, pattern, place, trace: trace.clone() };
            guard::run(handler(context)).instrument(logged.clone()).await
        }
        Err(error) => Err(error),
    };
    let mut response = answered.unwrap_or_else(|error| error.into_response(request_id));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    answers.count(response.status());
    if let Some(trace) = &trace {
        traced::answered(trace, request_id, response.status());
    }
    tracing::debug!(
        parent: &logged,
        route = pattern,
        status = response.status().as_u16(),
        microseconds = started.elapsed().as_micros() as u64,
        "answered"
    );
    Ok(response)
}

/// Takes a place for a request that came at `started`; a vote that finds none is counted with the others.
fn enter(app: &App, started: Instant, class: Class) -> Result<Place, ApiError> {
    let entered = app.edge.load.enter(class);
    if let (Class::Vote, Err(error)) = (class, &entered) {
        count(app, started, Err(error));
    }
    entered
}
