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
        notify_email -> Bool,
        notify_milestones -> Bool,
        notify_closings -> Bool,
        digest -> Text,
        nudges -> Bool,
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
        recipient -> Nullable<BigInt>,
        poll -> Nullable<BigInt>,
        #[sql_name = "type"]
        kind -> Text,
        message -> Text,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
        event -> Text,
        data -> Jsonb,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        notification -> BigInt,
        channel -> Text,
        webhook -> Nullable<BigInt>,
        attempts -> Integer,
        due_at -> Timestamptz,
        delivered_at -> Nullable<Timestamptz>,
        given_up_at -> Nullable<Timestamptz>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> BigInt,
        webhook_id -> Uuid,
        poll -> BigInt,
        url -> Text,
        secret -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    milestones (poll, threshold) {
        poll -> BigInt,
        threshold -> BigInt,
        crossed_at -> Timestamptz,
        total_votes -> BigInt,
        recorded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    poll_timeline (poll, minute, question, position) {
        poll -> BigInt,
        minute -> Timestamptz,
        question -> BigInt,
        position -> SmallInt,
        votes -> BigInt,
    }
}

diesel::table! {
    archivals (poll) {
        poll -> BigInt,
        due_at -> Timestamptz,
        attempts -> Integer,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    archive_parts (poll, relation, part) {
        poll -> BigInt,
        relation -> Text,
        part -> Integer,
        object_key -> Text,
        sha256 -> Bytea,
        bytes -> BigInt,
        rows -> BigInt,
        last_question -> BigInt,
        last_voter -> Uuid,
        last_order -> Nullable<BigInt>,
    }
}

diesel::table! {
    archives (poll) {
        poll -> BigInt,
        manifest_key -> Text,
        manifest_sha256 -> Bytea,
        rows -> BigInt,
        archived_at -> Timestamptz,
        bytes -> BigInt,
        removed_at -> Nullable<Timestamptz>,
        cleared_at -> Nullable<Timestamptz>,
        held -> Bool,
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
        opened_at -> Nullable<Timestamptz>,
        closing_recorded_at -> Nullable<Timestamptz>,
        archived_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
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

diesel::table! {
    reconciliations (poll) {
        poll -> BigInt,
        version -> BigInt,
        checked_at -> Timestamptz,
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
    notifications,
    deliveries,
    webhooks,
    milestones,
    archivals,
    archives,
    archive_parts,
    reconciliations,
);
diesel::allow_tables_to_appear_in_same_query!(users, account_tokens);
