//! What an account wants to be told, and how.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use diesel::{
    AsChangeset, ExpressionMethods, OptionalEmptyChangesetExtension, QueryResult, Queryable, Selectable,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::users;

/// What an account wants to be told, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = users)]
pub struct NotificationChoices {
    /// Also by e-mail.
    #[diesel(column_name = notify_email)]
    pub email: bool,
    /// When one of its polls crosses a milestone.
    #[diesel(column_name = notify_milestones)]
    pub milestones: bool,
    /// When one of its polls is closed.
    #[diesel(column_name = notify_closings)]
    pub closings: bool,
    /// How often it gets a digest of the polls that it made or voted in.
    pub digest: DigestChoice,
    /// When it has not voted in a while.
    pub nudges: bool,
}

/// How often an account gets a digest.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsExpression,
    FromSqlRow,
)]
#[serde(rename_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum DigestChoice {
    /// Never.
    #[default]
    Off,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
}

/// Choices to be changed; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, AsChangeset, Deserialize, ToSchema)]
#[diesel(table_name = users)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationChoicesChange)]
pub struct ChoicesChange {
    #[diesel(column_name = notify_email)]
    email: Option<bool>,
    #[diesel(column_name = notify_milestones)]
    milestones: Option<bool>,
    #[diesel(column_name = notify_closings)]
    closings: Option<bool>,
    digest: Option<DigestChoice>,
    nudges: Option<bool>,
}

impl Default for NotificationChoices {
    /// Those of an account that has made none, as its row would have them.
    fn default() -> Self {
        Self { email: true, milestones: true, closings: true, digest: DigestChoice::Off, nudges: false }
    }
}

impl DigestChoice {
    fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }
}

impl ToSql<Text, Pg> for DigestChoice {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(self.name(), out)
    }
}

impl FromSql<Text, Pg> for DigestChoice {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let name = <String as FromSql<Text, Pg>>::from_sql(value)?;
        let known = [Self::Off, Self::Daily, Self::Weekly].into_iter().find(|choice| choice.name() == name);
        known.ok_or_else(|| format!("no digest is {name}").into())
    }
}

/// Changes the choices of the account whose row this is.
///
/// # Errors
/// When PostgreSQL fails.
pub(super) async fn change_choices(
    connection: &mut AsyncPgConnection,
    account: i64,
    change: ChoicesChange,
) -> QueryResult<()> {
    let row = diesel::update(users::table).filter(users::id.eq(account));
    row.set(change).execute(connection).await.optional_empty_changeset()?;
    Ok(())
}
