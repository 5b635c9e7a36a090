-- Carrying over: what the Account had before, words for pictures, lists with the
-- members that the Owner brings, and undoing.

-- +goose Up
ALTER TABLE steps ADD COLUMN list TEXT NOT NULL DEFAULT '';   -- the title of a list that somebody is put into
ALTER TABLE steps ADD COLUMN undoes TEXT NOT NULL DEFAULT ''; -- the Step that this one takes back
ALTER TABLE steps ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0; -- of a planned Step: not before; of a follow that was asked for: when to look again
CREATE INDEX steps_undoes ON steps (undoes) WHERE undoes <> '';
CREATE INDEX steps_requested ON steps (due_at) WHERE outcome = 'requested' AND state = 'confirmed';

-- Posts of an Account, by what they say: a tweet that seems to be among them is
-- not posted again. read_to is how far back they are known.
CREATE TABLE own_statuses (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id  TEXT NOT NULL,
    text_hash  TEXT NOT NULL,
    at         BIGINT NOT NULL,
    url        TEXT NOT NULL,
    PRIMARY KEY (account_id, status_id)
);
CREATE TABLE own_statuses_read (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    read_to    BIGINT NOT NULL,
    read_at    BIGINT NOT NULL
);

-- What a picture shows, in the Owner's words. Archives have none.
CREATE TABLE alt_texts (
    move_id TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    file    TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (move_id, file)
);

-- Members of lists that the Owner brought: archives name lists without them.
CREATE TABLE list_members (
    move_id TEXT NOT NULL REFERENCES moves (id) ON DELETE CASCADE,
    list    TEXT NOT NULL,
    member  TEXT NOT NULL, -- a handle, a numeric Twitter id or an address, as brought
    PRIMARY KEY (move_id, list, member)
);

-- +goose Down
DROP TABLE list_members;
DROP TABLE alt_texts;
DROP TABLE own_statuses_read;
DROP TABLE own_statuses;
DROP INDEX steps_requested;
DROP INDEX steps_undoes;
ALTER TABLE steps DROP COLUMN due_at;
ALTER TABLE steps DROP COLUMN undoes;
ALTER TABLE steps DROP COLUMN list;
