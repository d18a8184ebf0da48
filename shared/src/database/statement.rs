//! Statements whose text never changes, prepared once a connection: diesel's `sql_query` would prepare
//! them anew at every call.

/// Defines a query by its text. Each `?` in the text stands for the next field, in order.
///
/// ```text
/// statement! {
///     LockTallies { polls: [i64] => Array<BigInt> } -> (BigInt,),
///     "SELECT poll FROM poll_tallies WHERE poll = ANY(?) ORDER BY poll FOR UPDATE"
/// }
/// ```
macro_rules! statement {
    ($name:ident { $($field:ident: $rust:ty => $sql:ty),* $(,)? } -> $row:ty, $text:expr) => {
        #[derive(Debug)]
        struct $name<'a> {
            $($field: &'a $rust,)*
        }

        impl diesel::query_builder::QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl diesel::query_builder::Query for $name<'_> {
            type SqlType = $row;
        }

        impl diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name<'_> {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
            ) -> diesel::QueryResult<()> {
                let text = $text;
                let mut text = text.split('?');
                $(
                    out.push_sql(text.next().unwrap_or_default());
                    out.push_bind_param::<$sql, _>(self.$field)?;
                )*
                out.push_sql(text.next().unwrap_or_default());
                Ok(())
            }
        }
    };
}
pub(crate) use statement;
