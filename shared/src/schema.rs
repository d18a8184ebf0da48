//! The tables as diesel sees them; `migrations/` is what makes them.

diesel::table! {
    users (id) {
        id -> BigInt,
        user_id -> Uuid,
        subject -> Text,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        role -> Text,
        verified_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    account_tokens (token_hash) {
        token_hash -> Bytea,
        account -> BigInt,
        purpose -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (id) {
        id -> BigInt,
        notification_id -> Uuid,
        recipient -> BigInt,
        poll -> Nullable<BigInt>,
        #[sql_name = "type"]
        kind -> Text,
        message -> Text,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    polls (id) {
        id -> BigInt,
        poll_id -> Uuid,
        slug -> Text,
        creator -> Nullable<BigInt>,
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
        address -> Nullable<BigInt>,
        one_an_address -> Bool,
        event_order -> Nullable<BigInt>,
    }
}

diesel::table! {
    response_changes (question, voter, event_order) {
        question -> BigInt,
        choices -> BigInt,
        digest -> BigInt,
        submitted_at -> Timestamptz,
        address -> Nullable<BigInt>,
        event_order -> BigInt,
        voter -> Uuid,
        refused -> Bool,
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
    users,
    polls,
    questions,
    choices,
    poll_tallies,
    question_tallies,
    choice_tallies,
    responses,
);
diesel::allow_tables_to_appear_in_same_query!(users, account_tokens);
diesel::allow_tables_to_appear_in_same_query!(notifications, polls);
