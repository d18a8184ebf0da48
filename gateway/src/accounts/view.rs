//! An account as its owner sees it.

use chrono::{DateTime, Utc};
use pollster_shared::accounts::Account;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::tokens::{self, Role};

/// An account. What an identity provider keeps is `null` here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountView {
    #[schema(required)]
    user_id: Option<Uuid>,
    #[schema(required)]
    email: Option<String>,
    #[schema(required)]
    username: Option<String>,
    role: Role,
    /// Whether the e-mail address is verified.
    verified: bool,
    #[schema(required)]
    created_at: Option<DateTime<Utc>>,
}

/// The role that access tokens of this account carry.
pub(super) fn role(account: &Account) -> Role {
    if account.is_admin() { Role::Admin } else { Role::User }
}

impl AccountView {
    /// One of our own.
    pub(super) fn of_ours(account: Account) -> Self {
        Self {
            user_id: Some(account.user_id),
            role: role(&account),
            verified: account.verified_at.is_some(),
            created_at: Some(account.created_at),
            email: account.email,
            username: account.username,
        }
    }

    /// An identity provider's: what its token says, and the row here if there is one yet.
    pub(super) fn of_provider(token: &tokens::Account, row: Option<&Account>) -> Self {
        Self {
            user_id: row.map(|row| row.user_id),
            email: None,
            username: None,
            role: token.role,
            verified: token.email_verified,
            created_at: row.map(|row| row.created_at),
        }
    }
}
