-- One live entry for each address: whoever has the account may change it.
-- name: SaveEntry :one
INSERT INTO registry_entries (id, owner_id, address, address_key, twitter_id, handle, proof, inside, everybody, published, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $10)
ON CONFLICT (address_key) WHERE withdrawn_at = 0 DO UPDATE SET owner_id = excluded.owner_id, address = excluded.address,
    twitter_id = excluded.twitter_id, handle = excluded.handle, proof = excluded.proof,
    inside = excluded.inside, everybody = excluded.everybody, published = registry_entries.published OR excluded.published,
    updated_at = excluded.updated_at
RETURNING id;

-- The entries that an Owner may change: those they made, and those of the accounts they have connected.
-- name: EntriesOf :many
SELECT e.id, e.owner_id, e.address, e.twitter_id, e.handle, e.proof, e.inside, e.everybody, e.updated_at,
    (SELECT COUNT(*) FROM registry_hidden h WHERE h.entry_id = e.id) AS hidden
FROM registry_entries e
WHERE e.withdrawn_at = 0
    AND (e.owner_id = $1 OR e.address_key IN (SELECT a.address_key FROM accounts a WHERE a.owner_id = $1))
ORDER BY e.created_at, e.id;

-- name: EntryByAddress :one
SELECT id FROM registry_entries WHERE address_key = $1 AND withdrawn_at = 0;

-- name: Tombstone :exec
UPDATE registry_entries SET owner_id = '', address = '', address_key = '', twitter_id = '', handle = '',
    proof = '', inside = FALSE, everybody = FALSE, updated_at = $2, withdrawn_at = $2
WHERE id = $1 AND withdrawn_at = 0 AND published;

-- name: DeleteUnpublished :exec
DELETE FROM registry_entries WHERE id = $1 AND NOT published;

-- name: DeleteTombstones :exec
DELETE FROM registry_entries WHERE withdrawn_at > 0 AND withdrawn_at < $1;

-- name: HideEntry :exec
INSERT INTO registry_hidden (entry_id, twitter_mac) VALUES ($1, $2) ON CONFLICT (entry_id, twitter_mac) DO NOTHING;

-- name: ShowEntry :exec
DELETE FROM registry_hidden WHERE entry_id = $1 AND twitter_mac = $2;

-- name: ShowEntryToAll :exec
DELETE FROM registry_hidden WHERE entry_id = $1;

-- name: CountHidden :one
SELECT COUNT(*) FROM registry_hidden WHERE entry_id = $1;

-- The ids of somebody whose handle an archive of the Owner's knows.
-- name: ArchivedIDs :many
SELECT DISTINCT p.twitter_id FROM people p JOIN moves m ON m.id = p.move_id
WHERE m.owner_id = $1 AND m.deleted_at = 0 AND p.handle_lower = $2 AND p.twitter_id <> '' AND p.archived
ORDER BY p.twitter_id;

-- name: EntriesProven :exec
UPDATE registry_entries SET proof = 'both', updated_at = $3
WHERE owner_id = $1 AND twitter_id = $2 AND withdrawn_at = 0 AND proof <> 'both';

-- name: SaveXSignIn :exec
INSERT INTO x_sign_ins (owner_id, twitter_id, handle, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (owner_id, twitter_id) DO UPDATE SET handle = excluded.handle, at = excluded.at;

-- name: XSignIn :one
SELECT handle FROM x_sign_ins WHERE owner_id = $1 AND twitter_id = $2;

-- name: DeleteMoveXSignIn :exec
DELETE FROM x_sign_ins WHERE EXISTS (
    SELECT 1 FROM moves m WHERE m.id = $1 AND m.owner_id = x_sign_ins.owner_id AND m.twitter_id = x_sign_ins.twitter_id);

-- name: RegistryChanged :one
SELECT CAST(COALESCE(MAX(updated_at), 0) AS BIGINT) AS at FROM registry_entries WHERE published;

-- name: PublicEntries :many
SELECT id, twitter_id, handle, address, address_key, proof, updated_at FROM registry_entries
WHERE published AND everybody AND withdrawn_at = 0 AND id > $1 ORDER BY id LIMIT 1000;

-- name: PublicChanges :many
SELECT id, twitter_id, handle, address, address_key, proof, everybody, updated_at FROM registry_entries
WHERE published AND updated_at >= $1 AND id > $2 ORDER BY id LIMIT 1000;

-- name: AddFeed :exec
INSERT INTO registry_feeds (url) VALUES ($1) ON CONFLICT (url) DO NOTHING;

-- name: Feeds :many
SELECT url, as_of, generation, entries, fetched_at, error FROM registry_feeds ORDER BY url;

-- name: FeedRead :one
UPDATE registry_feeds SET as_of = sqlc.arg(as_of), generation = sqlc.arg(generation), fetched_at = sqlc.arg(fetched_at), error = '',
    entries = (SELECT COUNT(*) FROM registry_copies c WHERE c.feed = registry_feeds.url AND c.generation = sqlc.arg(generation))
WHERE url = sqlc.arg(url)
RETURNING entries;

-- name: FeedFailed :exec
UPDATE registry_feeds SET error = $2 WHERE url = $1;

-- name: DeleteFeed :exec
DELETE FROM registry_feeds WHERE url = $1;

-- SQLite finds one end of an index at once, but not both in one statement.
-- name: OldestCopies :one
SELECT CAST(COALESCE(MIN(generation), 0) AS BIGINT) AS generation FROM registry_copies WHERE feed = $1;

-- name: NewestCopies :one
SELECT CAST(COALESCE(MAX(generation), 0) AS BIGINT) AS generation FROM registry_copies WHERE feed = $1;

-- A part of them: a feed may have millions.
-- name: DeleteCopies :execrows
DELETE FROM registry_copies WHERE registry_copies.feed = $1 AND registry_copies.generation = $2 AND registry_copies.entry_id IN (
    SELECT c.entry_id FROM registry_copies c WHERE c.feed = $1 AND c.generation = $2 ORDER BY c.entry_id LIMIT 5000);

-- name: DeleteCopy :exec
DELETE FROM registry_copies WHERE feed = $1 AND generation = $2 AND entry_id = $3;

-- name: ReplaceSetting :exec
UPDATE settings SET value = $3 WHERE name = $1 AND value = $2;
