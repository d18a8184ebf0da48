//! Accounts, made without mails and passwords.

use std::time::{Duration, SystemTime};

use hyper::{Method, StatusCode};
use jsonwebtoken::{EncodingKey, Header};
use pollster_bench::client::PollView;
use serde_json::{Value, json};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::builder::JWT_SECRET;
use crate::stack::Stack;

/// How long their access tokens are valid.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// An account of a stack's own, signed in.
#[derive(Debug, Clone)]
pub struct TestAccount {
    /// What access tokens call it: its id.
    pub subject: String,
    /// The value of its `Authorization` header.
    pub bearer: String,
}

impl TestAccount {
    /// The header that says who it is.
    pub fn header(&self) -> (&'static str, &str) {
        ("authorization", &self.bearer)
    }

    /// Its access token alone.
    pub fn access_token(&self) -> &str {
        self.bearer.strip_prefix("Bearer ").unwrap_or(&self.bearer)
    }
}

impl Stack {
    /// An account with this username and a verified e-mail address.
    pub async fn account(&self, username: &str) -> TestAccount {
        self.account_of_role(username, "user").await
    }

    /// An account that may do what every poll's creator may.
    pub async fn admin(&self, username: &str) -> TestAccount {
        self.account_of_role(username, "admin").await
    }

    /// Makes a poll that is this account's.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create_poll_as(&self, account: &TestAccount, definition: &Value) -> PollView {
        let headers = [("content-type", "application/json"), account.header()];
        let reply = self.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
        reply.expect(StatusCode::CREATED).and_then(|reply| reply.json()).expect("the poll is made")
    }

    /// Votes for a choice of the first question of a poll on which accounts vote.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn vote_as(&self, account: &TestAccount, poll: &PollView, choice: usize) {
        let headers = [("content-type", "application/json"), account.header()];
        let ballot = poll.ballot(0, choice);
        let body = std::str::from_utf8(&ballot).expect("ballots are text");
        let reply = self.request(Method::POST, &poll.votes_path().to_string(), &headers, body).await;
        reply.expect(StatusCode::ACCEPTED).expect("the vote is accepted");
    }

    async fn account_of_role(&self, username: &str, role: &str) -> TestAccount {
        let user_id = Uuid::now_v7();
        let subject = user_id.to_string();
        let email = format!("{username}@example.org");
        let insert = "INSERT INTO users (user_id, subject, email, email_key, username, username_key,
                                         password_hash, role, verified_at)
                      VALUES ($1, $2, $3, lower($3), $4, lower($4), '', $5, now())";
        let database = self.database().connect().await;
        let row: [&(dyn ToSql + Sync); 5] = [&user_id, &subject, &email, &username, &role];
        database.execute(insert, &row).await.expect("the account is made");
        let bearer = format!("Bearer {}", access_token(&subject, role));
        TestAccount { subject, bearer }
    }
}

/// What signing in gives to a verified account.
fn access_token(subject: &str, role: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    let claims = json!({
        "sub": subject,
        "role": role,
        "email_verified": true,
        "iat": now.as_secs(),
        "exp": (now + TOKEN_LIFE).as_secs(),
    });
    let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &key).expect("a token is signed")
}
