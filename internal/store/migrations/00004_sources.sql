-- Where evidence comes from besides Wikidata: profile directories of servers,
-- the registry, tweets, the Owner's X pages; and who does not want to be found.

-- +goose Up
ALTER TABLE people ADD COLUMN archived BOOLEAN NOT NULL DEFAULT FALSE; -- named by an archive, not by a list alone
ALTER TABLE people ADD COLUMN profile_source TEXT NOT NULL DEFAULT ''; -- where bio, location and links come from: list, pages, x
ALTER TABLE people ADD COLUMN arrived_at BIGINT NOT NULL DEFAULT 0;    -- when a Run first found the Person, at least Claimed
ALTER TABLE people ADD COLUMN name_key TEXT NOT NULL DEFAULT '';       -- the name, else the handle, in small letters of every script
ALTER TABLE moves ADD COLUMN people_seen_at BIGINT NOT NULL DEFAULT 0; -- when the Owner last looked at the People
ALTER TABLE runs ADD COLUMN result TEXT NOT NULL DEFAULT '';           -- JSON, of the job that the kind names

UPDATE people SET name_key = LOWER(CASE WHEN name <> '' THEN name ELSE handle END);

-- What tweets say of addresses, read with the archive.
CREATE TABLE tweet_evidence (
    move_id      TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    tweet_id     TEXT NOT NULL,
    handle_lower TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    PRIMARY KEY (move_id, tweet_id)
);

-- How far the profile directory of a server is read.
CREATE TABLE crawls (
    host        TEXT PRIMARY KEY,
    phase       TEXT NOT NULL DEFAULT '', -- known, full, new: what is read now; empty between two readings
    place       BIGINT NOT NULL DEFAULT 0, -- in the list
    last_id     TEXT NOT NULL DEFAULT '', -- of the oldest account of the list that was read
    newest_id   TEXT NOT NULL DEFAULT '', -- where the reading of new accounts ends
    next_id     TEXT NOT NULL DEFAULT '', -- newest_id of the next reading
    began_at    BIGINT NOT NULL DEFAULT 0, -- when this reading of the list began
    due_at      BIGINT NOT NULL,
    read_at     BIGINT NOT NULL DEFAULT 0, -- when a reading of the list ended last
    full_at     BIGINT NOT NULL DEFAULT 0, -- when the last reading of the whole list began
    fails       BIGINT NOT NULL DEFAULT 0, -- in a row
    accounts    BIGINT NOT NULL DEFAULT 0, -- seen in the last reading of the whole list
    row_count   BIGINT NOT NULL DEFAULT 0, -- of directory_accounts
    error       TEXT NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX crawls_due ON crawls (due_at);

-- Accounts that chose to be discoverable and name a Twitter handle themselves.
CREATE TABLE directory_accounts (
    address_key  TEXT NOT NULL,
    handle_lower TEXT NOT NULL,
    address      TEXT NOT NULL,
    host         TEXT NOT NULL, -- the server that was asked
    remote_id    TEXT NOT NULL,
    text         TEXT NOT NULL, -- the one line that says so
    read_at      BIGINT NOT NULL, -- when the server showed it last
    shown_at     BIGINT NOT NULL DEFAULT 0, -- when it was read again because somebody asked; 0: never shown
    PRIMARY KEY (address_key, handle_lower)
);
CREATE INDEX directory_accounts_handle ON directory_accounts (handle_lower);
CREATE INDEX directory_accounts_read ON directory_accounts (host, read_at);

-- Matches of an address in all Moves, for those who do not want to be found.
CREATE INDEX matches_address ON matches (address_key);

-- Who does not want to be found, as a MAC of the address: remembered, not known.
CREATE TABLE opt_outs (
    address_mac TEXT PRIMARY KEY,
    at          BIGINT NOT NULL
);

-- People who moved with this service and agreed to be found. An entry that was
-- public and is withdrawn keeps its id alone, so that copies elsewhere learn of it.
CREATE TABLE registry_entries (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL, -- who agreed; the entry may outlive the Owner
    address      TEXT NOT NULL DEFAULT '',
    address_key  TEXT NOT NULL DEFAULT '',
    twitter_id   TEXT NOT NULL DEFAULT '',
    handle       TEXT NOT NULL DEFAULT '',
    proof        TEXT NOT NULL DEFAULT '', -- archive, or both: both accounts signed in
    inside       BOOLEAN NOT NULL DEFAULT FALSE, -- found by those whose archive has me
    everybody    BOOLEAN NOT NULL DEFAULT FALSE, -- anyone may look me up
    published    BOOLEAN NOT NULL DEFAULT FALSE, -- it was in the public file once
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX registry_address ON registry_entries (address_key) WHERE withdrawn_at = 0;
CREATE INDEX registry_twitter ON registry_entries (twitter_id) WHERE withdrawn_at = 0;
CREATE INDEX registry_handle ON registry_entries (LOWER(handle)) WHERE withdrawn_at = 0;
CREATE INDEX registry_published ON registry_entries (updated_at) WHERE published;
CREATE INDEX registry_owner ON registry_entries (owner_id);

-- Twitter accounts that an entry must not be shown to, as MACs of their ids.
CREATE TABLE registry_hidden (
    entry_id    TEXT NOT NULL REFERENCES registry_entries (id) ON DELETE CASCADE,
    twitter_mac TEXT NOT NULL,
    PRIMARY KEY (entry_id, twitter_mac)
);

-- Registries of other installations, and what they say. Rows of another
-- generation than the feed's are being loaded, or go.
CREATE TABLE registry_feeds (
    url        TEXT PRIMARY KEY,
    as_of      TEXT NOT NULL DEFAULT '',
    generation BIGINT NOT NULL DEFAULT 0,
    entries    BIGINT NOT NULL DEFAULT 0,
    fetched_at BIGINT NOT NULL DEFAULT 0, -- when it was read last without an error
    error      TEXT NOT NULL DEFAULT ''
);
CREATE TABLE registry_copies (
    feed         TEXT NOT NULL REFERENCES registry_feeds (url) ON DELETE CASCADE,
    generation   BIGINT NOT NULL,
    entry_id     TEXT NOT NULL,
    twitter_id   TEXT NOT NULL,
    handle_lower TEXT NOT NULL,
    address      TEXT NOT NULL,
    proof        TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (feed, generation, entry_id)
);
CREATE INDEX registry_copies_twitter ON registry_copies (twitter_id) WHERE twitter_id <> '';
CREATE INDEX registry_copies_handle ON registry_copies (handle_lower) WHERE handle_lower <> '';

-- Owners who have signed in with their X account too.
CREATE TABLE x_sign_ins (
    owner_id   TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    twitter_id TEXT NOT NULL,
    handle     TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (owner_id, twitter_id)
);

-- When X's API was asked about a Person, and how many it was asked about on a day
-- (UTC): each one costs money.
CREATE TABLE x_asked (
    person_id TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    at        BIGINT NOT NULL
);
CREATE TABLE x_days (
    day   TEXT PRIMARY KEY,
    asked BIGINT NOT NULL
);

-- What each source was asked and what it gave, over all Moves.
CREATE TABLE source_counts (
    source TEXT PRIMARY KEY,
    asked  BIGINT NOT NULL DEFAULT 0,
    gave   BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    at     BIGINT NOT NULL
);

-- Pictures of fediverse profiles, by a hash of where they come from.
CREATE TABLE avatars (
    hash       TEXT PRIMARY KEY,
    there      BOOLEAN NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX avatars_expiry ON avatars (expires_at);

-- +goose Down
DROP TABLE avatars;
DROP TABLE source_counts;
DROP TABLE x_days;
DROP TABLE x_asked;
DROP TABLE x_sign_ins;
DROP TABLE registry_copies;
DROP TABLE registry_feeds;
DROP TABLE registry_hidden;
DROP TABLE registry_entries;
DROP TABLE opt_outs;
DROP INDEX matches_address;
DROP TABLE directory_accounts;
DROP TABLE crawls;
DROP TABLE tweet_evidence;
ALTER TABLE runs DROP COLUMN result;
ALTER TABLE moves DROP COLUMN people_seen_at;
ALTER TABLE people DROP COLUMN name_key;
ALTER TABLE people DROP COLUMN arrived_at;
ALTER TABLE people DROP COLUMN profile_source;
ALTER TABLE people DROP COLUMN archived;
