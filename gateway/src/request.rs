//! What a request says, read and checked: path, headers, body.

mod body;
pub(crate) mod json;

use std::net::IpAddr;
use std::sync::Arc;

use hyper::Request;
use hyper::header::CONTENT_TYPE;
use pollster_shared::poll::Poll;
use pollster_shared::traces::Span;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::app::App;
use crate::credentials::Credentials;
use crate::edge::Place;
use crate::error::ApiError;
use crate::tokens::Account;

pub(crate) use body::RequestBody;

/// A request on its way through a handler.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) app: Arc<App>,
    /// The other end of the connection: the client, or a proxy.
    pub(crate) peer: IpAddr,
    pub(crate) request: Request<RequestBody>,
    /// The pattern that the path matches, for instance `/api/v1/polls/{poll}`.
    pub(crate) pattern: &'static str,
    /// Its place among what is in hand, until it is answered.
    pub(crate) place: Place,
    /// What is traced of it, if it is.
    pub(crate) trace: Option<Span>,
}

impl Context {
    /// The poll that the path names.
    pub(crate) async fn poll(&self) -> Result<Arc<Poll>, ApiError> {
        let poll = self.definition().await?;
        self.app.definitions.require(&poll).await?;
        Ok(poll)
    }

    /// The definition of the poll that the path names, for who finds out by other means whether the poll is there
    /// still: votes, which ask only where they are refused, and whatever shows its counts, which say.
    pub(crate) async fn definition(&self) -> Result<Arc<Poll>, ApiError> {
        self.app.definitions.get(self.parameter("poll")).await
    }

    /// What the path says where its pattern has `{name}`; empty where it has not.
    fn parameter(&self, name: &str) -> &str {
        let is_named = |segment: &str| {
            segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) == Some(name)
        };
        let mut segments = self.pattern.split('/').zip(self.request.uri().path().split('/'));
        segments.find(|(segment, _)| is_named(segment)).map_or("", |(_, value)| value)
    }

    /// The id that the path says where its pattern has `{name}`; `None` where it is none.
    pub(crate) fn id(&self, name: &str) -> Option<Uuid> {
        Uuid::parse_str(self.parameter(name)).ok()
    }

    /// The value of a header, `None` where it is absent.
    pub(crate) fn header(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        let text = self.request.headers().get(name).map(|value| std::str::from_utf8(value.as_bytes()));
        text.transpose().map_err(|_| ApiError::Malformed(format!("{name} is not UTF-8.")))
    }

    /// Who asks, by the request's headers.
    ///
    /// # Errors
    /// Where one of them is not valid.
    pub(crate) fn credentials(&self) -> Result<Credentials, ApiError> {
        let voter_token = self.header("x-voter-token")?;
        let manage_token = self.header("x-manage-token")?;
        Credentials::read(&self.app.tokens, self.access_token()?, voter_token, manage_token)
    }

    /// The account whose access token the request carries, `None` without one.
    ///
    /// # Errors
    /// Where there is one that is not valid.
    pub(crate) fn account(&self) -> Result<Option<Account>, ApiError> {
        self.access_token()?.map(|token| self.app.tokens.verify(token)).transpose()
    }

    /// The account, which must be named.
    pub(crate) fn required_account(&self) -> Result<Account, ApiError> {
        self.account()?.ok_or(ApiError::Unauthenticated("Sign in: send `Authorization: Bearer <token>`."))
    }

    fn access_token(&self) -> Result<Option<&str>, ApiError> {
        let Some(authorization) = self.header("authorization")? else { return Ok(None) };
        let token = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(ApiError::Unauthenticated("Send `Authorization: Bearer <token>`."))?;
        Ok(Some(token.trim()))
    }

    /// The address that the request comes from: the client's, as far as trusted proxies tell it.
    pub(crate) fn address(&self) -> IpAddr {
        self.app.config.edge.trusted_proxies.client(self.peer, self.request.headers())
    }

    /// What follows the `?` of the path.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_html_form::from_str(self.request.uri().query().unwrap_or_default())
            .map_err(|error| ApiError::Malformed(format!("The query: {error}.")))
    }

    /// The body as JSON of at most `limit` bytes.
    pub(crate) async fn json<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, ApiError> {
        let body = self.take_body();
        self.read_json(body, limit).await
    }

    /// The body, so that it can be read while something of the request is held.
    pub(crate) fn take_body(&mut self) -> RequestBody {
        self.request.body_mut().take()
    }

    /// The request's `body` as JSON of at most `limit` bytes.
    pub(crate) async fn read_json<T: DeserializeOwned>(
        &self,
        mut body: RequestBody,
        limit: usize,
    ) -> Result<T, ApiError> {
        if !is_json(&self.request) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let body = self.place.aside(body.read(limit)).await??;
        json::from_slice(&body).map_err(|error| ApiError::Malformed(format!("The body: {error}.")))
    }
}

fn is_json(request: &Request<RequestBody>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
