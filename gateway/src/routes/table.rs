//! The table of routes.

use futures_util::FutureExt;
use hyper::Method;
use utoipa::openapi::OpenApi;

use super::Handler;
use crate::edge::Class::{self, Free, Read, Vote};
use crate::error::Code::{self, *};
use crate::roles::Role;
use crate::{accounts, events, health, openapi, polls, results, votes, webhooks, ws};

/// A route, and where its documentation comes from.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(super) handler: Handler,
    /// The roles that serve it.
    pub(super) roles: &'static [Role],
    /// Whether there must be room for it, and which.
    pub(crate) class: Class,
    /// A document of its operation alone, from the handler's `#[utoipa::path]`.
    pub(crate) document: fn() -> OpenApi,
    /// The errors that it may answer.
    pub(crate) errors: &'static [&'static [Code]],
}

/// Makes the table of its sections, each the roles that serve it, their class and its lines: method, path, handler,
/// errors.
macro_rules! routes {
    ($([$roles:ident, $class:ident] $($method:ident $path:literal => $($handler:ident)::+, $errors:expr;)*)*) => {
        vec![$($({
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($handler)::+))]
            struct Documented;
            Route {
                method: Method::$method,
                path: $path,
                roles: $roles,
                class: $class,
                handler: |cx| $($handler)::+(cx).boxed(),
                document: <Documented as utoipa::OpenApi>::openapi,
                errors: &$errors,
            }
        },)*)*]
    };
}

/// Who serves REST.
const API: &[Role] = &[Role::Api];
/// Who serves live results.
const LIVE: &[Role] = &[Role::Ws];
/// All gateways.
const EVERY: &[Role] = &[Role::Api, Role::Ws];

/// What may go wrong with every request.
const FREE: &[Code] = &[Unavailable, Internal];
/// What may go wrong with every request that there must be room for.
const ANY: &[Code] = &[Overloaded, Unavailable, Internal];
/// What else may go wrong where headers are read: tokens, keys, tags.
const HEADERS: &[Code] = &[MalformedRequest];
/// What else may go wrong where a body is read.
const BODY: &[Code] = &[MalformedRequest, TooSlow, UnsupportedMediaType, TooLarge];
/// What else may go wrong where the client says who asks.
const IDENTITY: &[Code] = &[MalformedRequest, Unauthenticated, TokenExpired];
/// What else may go wrong where a poll is named.
const POLL: &[Code] = &[PollNotFound];
/// What else may go wrong where somebody votes, be it for the first time or not.
const VOTE: &[Code] =
    &[Forbidden, PollClosed, PollNotStarted, NotVerified, CaptchaFailed, IdempotencyMismatch, RateLimited];
/// What else may go wrong with passwords and mails; `NotFound` where an identity provider keeps the accounts.
const ACCOUNTS: &[Code] = &[NotFound, RateLimited];

/// Every route.
pub(crate) fn table() -> Vec<Route> {
    routes! {
        [API, Vote]
        POST "/api/v1/polls/{poll}/votes" => votes::cast::handle,
            [ANY, BODY, IDENTITY, POLL, VOTE, &[InvalidBallot, AlreadyVoted]];
        PUT "/api/v1/polls/{poll}/votes" => votes::change::handle,
            [ANY, BODY, IDENTITY, POLL, VOTE, &[InvalidBallot, VoteNotFound]];
        DELETE "/api/v1/polls/{poll}/votes" => votes::revoke::handle, [ANY, IDENTITY, POLL, VOTE, &[VoteNotFound]];
        [API, Read]
        POST "/api/v1/polls" => polls::create::handle, [ANY, BODY, IDENTITY, &[InvalidPoll, RateLimited]];
        GET "/api/v1/polls" => polls::list::handle, [ANY, IDENTITY];
        GET "/api/v1/polls/{poll}" => polls::read::handle, [ANY, IDENTITY, POLL];
        DELETE "/api/v1/polls/{poll}" => polls::delete::handle, [ANY, IDENTITY, POLL, &[Forbidden]];
        GET "/api/v1/polls/{poll}/votes/{vote_id}" => votes::status::handle,
            [ANY, IDENTITY, POLL, &[VoteNotFound]];
        GET "/api/v1/polls/{poll}/results" => results::handle, [ANY, IDENTITY, POLL, &[ResultsHidden]];
        GET "/api/v1/polls/{poll}/stats" => polls::stats::handle, [ANY, IDENTITY, POLL, &[Forbidden]];
        POST "/api/v1/polls/{poll}/close" => polls::close::handle, [ANY, IDENTITY, POLL, &[Forbidden]];
        GET "/api/v1/polls/{poll}/export" => polls::export::handle,
            [ANY, IDENTITY, POLL, &[Forbidden]];
        POST "/api/v1/polls/{poll}/claim" => polls::claim::handle, [ANY, IDENTITY, POLL, &[Forbidden]];
        POST "/api/v1/polls/{poll}/webhooks" => webhooks::create::handle,
            [ANY, BODY, IDENTITY, POLL, &[Forbidden, InvalidWebhook]];
        GET "/api/v1/polls/{poll}/webhooks" => webhooks::list::handle, [ANY, IDENTITY, POLL, &[Forbidden]];
        DELETE "/api/v1/polls/{poll}/webhooks/{webhook_id}" => webhooks::remove::handle,
            [ANY, IDENTITY, POLL, &[Forbidden, WebhookNotFound]];
        POST "/api/v1/accounts" => accounts::register::handle,
            [ANY, BODY, ACCOUNTS, &[InvalidAccount, EmailTaken, UsernameTaken]];
        POST "/api/v1/accounts/verify" => accounts::verify::handle, [ANY, BODY, ACCOUNTS, &[InvalidAccount]];
        POST "/api/v1/accounts/verification" => accounts::verification::handle, [ANY, BODY, ACCOUNTS];
        POST "/api/v1/accounts/password-reset" => accounts::password_reset::handle, [ANY, BODY, ACCOUNTS];
        PUT "/api/v1/accounts/password" => accounts::password_change::handle,
            [ANY, BODY, ACCOUNTS, &[InvalidAccount]];
        POST "/api/v1/sessions" => accounts::sign_in::handle, [ANY, BODY, ACCOUNTS, &[Unauthenticated]];
        GET "/api/v1/me" => accounts::me::read, [ANY, IDENTITY];
        PATCH "/api/v1/me" => accounts::me_change::handle, [ANY, BODY, IDENTITY, &[InvalidAccount]];
        DELETE "/api/v1/me" => accounts::me::delete, [ANY, IDENTITY];
        GET "/api/v1/openapi.json" => openapi::handle, [ANY, HEADERS];
        GET "/api/v1/docs" => openapi::docs::page, [ANY];
        GET "/api/v1/docs/{file}" => openapi::docs::file, [ANY, &[NotFound]];
        [LIVE, Read]
        GET "/api/v1/polls/{poll}/events" => events::handle, [ANY, IDENTITY, POLL];
        [LIVE, Free]
        GET "/ws" => ws::handle, [FREE, HEADERS];
        [EVERY, Free]
        GET "/livez" => health::live, [FREE];
        GET "/readyz" => health::ready, [FREE];
    }
}
