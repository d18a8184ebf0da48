//! The tables as diesel sees them; `migrations/` is what makes them.

diesel::table! {
    polls (id) {
        id -> BigInt,
        poll_id -> Uuid,
        slug -> Text,
        manage_token_hash -> Nullable<Bytea>,
        title -> Text,
        description -> Text,
        settings -> Jsonb,
        shards -> SmallInt,
        month -> Date,
        created_at -> Timestamptz,
        starts_at -> Nullable<Timestamptz>,
        ends_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        closing_ids -> Nullable<Array<Text>>,
        finalized_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    questions (id) {
        id -> BigInt,
        question_id -> Uuid,
        poll -> BigInt,
        position -> SmallInt,
        text -> Text,
        min_choices -> SmallInt,
        max_choices -> SmallInt,
        choice_count -> SmallInt,
    }
}

diesel::table! {
    choices (question, position) {
        question -> BigInt,
        position -> SmallInt,
        choice_id -> Uuid,
        text -> Text,
    }
}

diesel::table! {
    poll_tallies (poll) {
        poll -> BigInt,
        total_votes -> BigInt,
        version -> BigInt,
        sealed -> Bool,
    }
}

diesel::table! {
    question_tallies (question) {
        question -> BigInt,
        responses -> BigInt,
    }
}

diesel::table! {
    choice_tallies (question, position) {
        question -> BigInt,
        position -> SmallInt,
        votes -> BigInt,
    }
}

diesel::table! {
    responses (month, question, voter) {
        question -> BigInt,
        choices -> BigInt,
        digest -> BigInt,
        submitted_at -> Timestamptz,
        voter -> Uuid,
        month -> Date,
    }
}

diesel::table! {
    shard_progress (shard) {
        shard -> SmallInt,
        milliseconds -> BigInt,
        sequence -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    polls,
    questions,
    choices,
    poll_tallies,
    question_tallies,
    choice_tallies,
    responses,
);
