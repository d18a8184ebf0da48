//! Captchas, verified by whoever made them: the siteverify protocol that hCaptcha, reCAPTCHA and Turnstile share.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use pollster_shared::config::StartError;
use pollster_shared::poll::Poll;
use serde::Deserialize;

use crate::error::ApiError;

/// How long the verifier may take.
const VERIFY_WITHIN: Duration = Duration::from_secs(5);
/// More than a verdict takes.
const MAX_VERDICT: usize = 64 * 1024;

/// Who verifies captchas.
#[derive(Clone, Args)]
pub struct CaptchaConfig {
    /// URL that captchas are verified at (siteverify); polls may ask for captchas only where there is one
    #[arg(long, env = "CAPTCHA_VERIFY_URL", value_parser = parse_url)]
    pub(crate) captcha_verify_url: Option<Uri>,
    /// Secret that goes with it
    #[arg(long, env = "CAPTCHA_SECRET", hide_env_values = true)]
    pub(crate) captcha_secret: Option<String>,
    /// Key that pages show the captcha with
    #[arg(long, env = "CAPTCHA_SITE_KEY")]
    pub(crate) captcha_site_key: Option<String>,
    /// Origins that pages load the captcha from, separated by commas
    #[arg(long, env = "CAPTCHA_SCRIPT_ORIGIN", value_delimiter = ',', value_parser = parse_origin)]
    pub(crate) captcha_script_origin: Vec<String>,
}

impl std::fmt::Debug for CaptchaConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaptchaConfig(…)")
    }
}

fn parse_url(text: &str) -> Result<Uri, String> {
    let uri = text.parse::<Uri>().ok();
    let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    uri.ok_or_else(|| "takes an http or https URL".to_owned())
}

/// An origin as a content security policy takes it; its host may begin with `*.`.
fn parse_origin(text: &str) -> Result<String, String> {
    let is_host = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:*".contains(&byte))
    };
    let host = text.trim().strip_prefix("https://").or_else(|| text.trim().strip_prefix("http://"));
    match host {
        Some(host) if is_host(host) => Ok(text.trim().to_owned()),
        _ => {
            Err("takes origins separated by commas, for instance https://challenges.cloudflare.com"
                .to_owned())
        }
    }
}

/// Verifies captchas, where there is a verifier.
pub(crate) struct Captcha {
    verifier: Option<Verifier>,
    site_key: Option<String>,
}

struct Verifier {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    secret: String,
}

/// What the verifier answers, of which only this is the same for all.
#[derive(Deserialize)]
struct Verdict {
    success: bool,
}

impl Captcha {
    pub(crate) fn new(config: &CaptchaConfig) -> Result<Self, StartError> {
        let secret = config.captcha_secret.clone().filter(|secret| !secret.is_empty());
        let verifier = match (config.captcha_verify_url.clone(), secret) {
            (Some(url), Some(secret)) => Some(Verifier::new(url, secret)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(StartError::setting("CAPTCHA_SECRET", "goes with CAPTCHA_VERIFY_URL"));
            }
            (None, Some(_)) => {
                return Err(StartError::setting("CAPTCHA_VERIFY_URL", "goes with CAPTCHA_SECRET"));
            }
        };
        Ok(Self { verifier, site_key: config.captcha_site_key.clone() })
    }

    /// Whether polls may ask for captchas.
    pub(crate) fn is_offered(&self) -> bool {
        self.verifier.is_some()
    }

    /// The key that a page shows the poll's captcha with, `None` where it asks for none.
    pub(crate) fn site_key(&self, poll: &Poll) -> Option<String> {
        self.site_key.clone().filter(|_| poll.settings.captcha)
    }

    /// Has `token`, which `address` sent, verified; that spends it.
    ///
    /// # Errors
    /// [`ApiError::CaptchaFailed`] without a token and with a wrong one; [`ApiError::Unavailable`] where no
    /// verdict is to be had.
    pub(crate) async fn verify(&self, token: Option<&str>, address: IpAddr) -> Result<(), ApiError> {
        let token = token.filter(|token| !token.is_empty());
        let token =
            token.ok_or(ApiError::CaptchaFailed("Solve the captcha and send its `captcha_token`."))?;
        let Some(verifier) = &self.verifier else {
            tracing::error!("a poll asks for captchas, and CAPTCHA_VERIFY_URL is not set any more");
            return Err(ApiError::Unavailable);
        };
        let verdict = tokio::time::timeout(VERIFY_WITHIN, verifier.ask(token, address)).await;
        match verdict.unwrap_or_else(|elapsed| Err(elapsed.into())) {
            Ok(Verdict { success: true }) => Ok(()),
            Ok(Verdict { success: false }) => {
                Err(ApiError::CaptchaFailed("The captcha is not solved, or its token was used before."))
            }
            Err(error) => {
                tracing::warn!(error, "the captcha's verifier failed");
                Err(ApiError::Unavailable)
            }
        }
    }
}

impl std::fmt::Debug for Captcha {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Captcha(…)")
    }
}

/// Why there is no verdict.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Verifier {
    fn new(url: Uri, secret: String) -> Self {
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Self { client: Client::builder(TokioExecutor::new()).build(connector), url, secret }
    }

    async fn ask(&self, token: &str, address: IpAddr) -> Result<Verdict, Failure> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("secret", &self.secret)
            .append_pair("response", token)
            .append_pair("remoteip", &address.to_string())
            .finish();
        let request = Request::post(self.url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form))?;
        let answer = self.client.request(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answers {}", answer.status()).into());
        }
        let body = Limited::new(answer.into_body(), MAX_VERDICT).collect().await?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    }
}
