-- Times are BIGINT milliseconds UTC, ids are ULID text made by us, an empty text
-- or 0 stands for "not known": no column is NULL, so both databases read alike.

-- +goose Up
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE owners (
    id            TEXT PRIMARY KEY,
    recovery_hash TEXT NOT NULL DEFAULT '',
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL
);
CREATE UNIQUE INDEX owners_recovery ON owners (recovery_hash) WHERE recovery_hash <> '';

CREATE TABLE sessions (
    token      TEXT PRIMARY KEY,
    data       BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    address      TEXT NOT NULL,
    address_key  TEXT NOT NULL,
    host         TEXT NOT NULL,
    remote_id    TEXT NOT NULL,
    display_name TEXT NOT NULL DEFAULT '',
    avatar       TEXT NOT NULL DEFAULT '',
    software     TEXT NOT NULL DEFAULT '',
    version      TEXT NOT NULL DEFAULT '',
    scopes       TEXT NOT NULL DEFAULT '',
    followers    BIGINT NOT NULL DEFAULT 0,
    following    BIGINT NOT NULL DEFAULT 0,
    locked       BOOLEAN NOT NULL DEFAULT FALSE,
    token        BYTEA NOT NULL,
    connected_at BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL DEFAULT 0,
    UNIQUE (owner_id, address_key)
);
CREATE INDEX accounts_address ON accounts (address_key);

-- One application of ours per server. reserved_until keeps a second process
-- from registering at the same time.
CREATE TABLE apps (
    host           TEXT PRIMARY KEY,
    data           BYTEA NOT NULL,
    redirect_uri   TEXT NOT NULL DEFAULT '',
    reserved_until BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL
);

CREATE TABLE oauth_flows (
    state_hash TEXT PRIMARY KEY,
    session    TEXT NOT NULL,
    owner_id   TEXT NOT NULL,
    move_id    TEXT NOT NULL,
    host       TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    verifier   BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE moves (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    twitter_id  TEXT NOT NULL DEFAULT '',
    handle      TEXT NOT NULL DEFAULT '',
    name        TEXT NOT NULL DEFAULT '',
    used_circle TEXT NOT NULL DEFAULT '',
    was_private TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    deleted_at  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX moves_twitter ON moves (owner_id, twitter_id) WHERE twitter_id <> '' AND deleted_at = 0;
CREATE INDEX moves_seen ON moves (seen_at);

CREATE TABLE archives (
    id         TEXT PRIMARY KEY,
    move_id    TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    file_key   TEXT NOT NULL,
    state      TEXT NOT NULL,
    summary    TEXT NOT NULL DEFAULT '',
    error      TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX archives_move ON archives (move_id);

-- A file's rows count only once it is marked complete.
CREATE TABLE archive_files (
    archive_id TEXT NOT NULL REFERENCES archives (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    items      BIGINT NOT NULL DEFAULT 0,
    complete   BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (archive_id, name)
);

CREATE TABLE tweets (
    move_id    TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    tweet_id   TEXT NOT NULL,
    archive_id TEXT NOT NULL,
    file       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    payload    TEXT NOT NULL,
    PRIMARY KEY (move_id, tweet_id)
);
CREATE INDEX tweets_at ON tweets (move_id, at, tweet_id);

CREATE TABLE lists (
    move_id TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    url     TEXT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (move_id, url)
);

CREATE TABLE people (
    id             TEXT PRIMARY KEY,
    move_id        TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    twitter_id     TEXT NOT NULL DEFAULT '',
    handle         TEXT NOT NULL DEFAULT '',
    handle_lower   TEXT NOT NULL DEFAULT '',
    handle_source  TEXT NOT NULL DEFAULT '',
    handle_seen_at BIGINT NOT NULL DEFAULT 0,
    handle_count   BIGINT NOT NULL DEFAULT 0,
    name           TEXT NOT NULL DEFAULT '',
    bio            TEXT NOT NULL DEFAULT '',
    location       TEXT NOT NULL DEFAULT '',
    urls           TEXT NOT NULL DEFAULT '',
    interactions   BIGINT NOT NULL DEFAULT 0,
    last_at        BIGINT NOT NULL DEFAULT 0,
    best_grade     BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX people_twitter ON people (move_id, twitter_id) WHERE twitter_id <> '';
CREATE UNIQUE INDEX people_handle ON people (move_id, handle_lower) WHERE twitter_id = '';
CREATE INDEX people_by_handle ON people (move_id, handle_lower) WHERE handle_lower <> '';
CREATE INDEX people_order ON people (move_id, best_grade DESC, interactions DESC, id);

CREATE TABLE relations (
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL,
    move_id   TEXT NOT NULL,
    PRIMARY KEY (person_id, kind)
);
CREATE INDEX relations_move ON relations (move_id, kind);

CREATE TABLE matches (
    id          TEXT PRIMARY KEY,
    move_id     TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    person_id   TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    address     TEXT NOT NULL,
    address_key TEXT NOT NULL,
    host        TEXT NOT NULL,
    grade       BIGINT NOT NULL,
    chosen      BOOLEAN NOT NULL DEFAULT FALSE,
    decision    TEXT NOT NULL DEFAULT '',
    decided_at  BIGINT NOT NULL DEFAULT 0,
    profile     TEXT NOT NULL DEFAULT '',
    marks       TEXT NOT NULL DEFAULT '',
    evidence    TEXT NOT NULL DEFAULT '',
    UNIQUE (person_id, address_key)
);
CREATE INDEX matches_move ON matches (move_id, grade);

-- The directory index: who says which address belongs to which Twitter account.
-- Rows of a source count only in its current generation, so that a refresh
-- swaps the whole source at once.
CREATE TABLE directory_rows (
    source       TEXT NOT NULL,
    generation   BIGINT NOT NULL,
    twitter_id   TEXT NOT NULL,
    handle_lower TEXT NOT NULL,
    address      TEXT NOT NULL,
    text         TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (source, generation, twitter_id, handle_lower, address)
);
CREATE INDEX directory_rows_twitter ON directory_rows (twitter_id) WHERE twitter_id <> '';
CREATE INDEX directory_rows_handle ON directory_rows (handle_lower) WHERE handle_lower <> '';

CREATE TABLE directory_sources (
    source     TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    row_count  BIGINT NOT NULL,
    loaded_at  BIGINT NOT NULL
);

-- What servers answered: checked addresses and what a host runs.
CREATE TABLE profiles (
    address_key TEXT PRIMARY KEY,
    profile     TEXT NOT NULL,
    expires_at  BIGINT NOT NULL
);

CREATE TABLE hosts (
    host       TEXT PRIMARY KEY,
    capability TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    fails      BIGINT NOT NULL DEFAULT 0,
    rest_until BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE servers (
    host       TEXT PRIMARY KEY,
    source     TEXT NOT NULL,
    data       TEXT NOT NULL,
    fetched_at BIGINT NOT NULL
);

CREATE TABLE runs (
    id          TEXT PRIMARY KEY,
    move_id     TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    account_id  TEXT NOT NULL DEFAULT '',
    state       TEXT NOT NULL,
    options     TEXT NOT NULL DEFAULT '',
    cursor      TEXT NOT NULL DEFAULT '',
    text        TEXT NOT NULL DEFAULT '',
    error       TEXT NOT NULL DEFAULT '',
    total       BIGINT NOT NULL DEFAULT 0,
    done        BIGINT NOT NULL DEFAULT 0,
    wake        BIGINT NOT NULL DEFAULT 1,
    fence       BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL,
    wish        TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX runs_move ON runs (move_id);
CREATE INDEX runs_due ON runs (due_at) WHERE state = 'waiting' OR state = 'running';

CREATE TABLE steps (
    id         TEXT PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    move_id    TEXT NOT NULL,
    account_id TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    person_id  TEXT NOT NULL DEFAULT '',
    address    TEXT NOT NULL DEFAULT '',
    tweet_id   TEXT NOT NULL DEFAULT '',
    part       BIGINT NOT NULL DEFAULT 0,
    parent_id  TEXT NOT NULL DEFAULT '',
    payload    TEXT NOT NULL DEFAULT '',
    state      TEXT NOT NULL,
    attempt    BIGINT NOT NULL DEFAULT 0,
    sent       TEXT NOT NULL DEFAULT '',
    outcome    TEXT NOT NULL DEFAULT '',
    reason     TEXT NOT NULL DEFAULT '',
    result_id  TEXT NOT NULL DEFAULT '',
    result_url TEXT NOT NULL DEFAULT '',
    adopted    BOOLEAN NOT NULL DEFAULT FALSE,
    updated_at BIGINT NOT NULL,
    UNIQUE (run_id, seq)
);
CREATE INDEX steps_state ON steps (run_id, state, seq);

-- Only ever added to while the Move lives.
CREATE TABLE ledger (
    step_id TEXT NOT NULL REFERENCES steps (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    state   TEXT NOT NULL,
    at      BIGINT NOT NULL,
    detail  TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (step_id, attempt, state)
);

-- One tweet part is posted at most once from one account, across Runs and
-- Moves. Holds ids only and outlives the Move until the Account is forgotten.
CREATE TABLE posted_parts (
    account_key TEXT NOT NULL,
    tweet_id    TEXT NOT NULL,
    part        BIGINT NOT NULL,
    step_id     TEXT NOT NULL,
    status_id   TEXT NOT NULL DEFAULT '',
    status_url  TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_key, tweet_id, part)
);
CREATE INDEX posted_parts_status ON posted_parts (account_key, status_id);
CREATE INDEX posted_parts_step ON posted_parts (step_id);

-- The latest known allowance per account or host and family of calls.
CREATE TABLE limits (
    subject       TEXT NOT NULL,
    family        TEXT NOT NULL,
    max_calls     BIGINT NOT NULL,
    remaining     BIGINT NOT NULL,
    reset_at      BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL DEFAULT 0,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (subject, family)
);

CREATE TABLE groups (
    id         TEXT PRIMARY KEY,
    owner_id   TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    id         TEXT PRIMARY KEY,
    group_id   TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL DEFAULT '',
    move_id    TEXT NOT NULL DEFAULT '',
    twitter_id TEXT NOT NULL DEFAULT '',
    handle     TEXT NOT NULL DEFAULT '',
    name       TEXT NOT NULL DEFAULT '',
    joined_at  BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX members_group ON members (group_id);

CREATE TABLE invites (
    id         TEXT PRIMARY KEY,
    group_id   TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    member_id  TEXT NOT NULL DEFAULT '',
    token_hash TEXT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE invites;
DROP TABLE members;
DROP TABLE groups;
DROP TABLE limits;
DROP TABLE posted_parts;
DROP TABLE ledger;
DROP TABLE steps;
DROP TABLE runs;
DROP TABLE servers;
DROP TABLE hosts;
DROP TABLE profiles;
DROP TABLE directory_sources;
DROP TABLE directory_rows;
DROP TABLE matches;
DROP TABLE relations;
DROP TABLE people;
DROP TABLE lists;
DROP TABLE tweets;
DROP TABLE archive_files;
DROP TABLE archives;
DROP TABLE moves;
DROP TABLE oauth_flows;
DROP TABLE apps;
DROP TABLE accounts;
DROP TABLE sessions;
DROP TABLE owners;
DROP TABLE settings;
