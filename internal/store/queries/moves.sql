-- name: AddMove :exec
INSERT INTO moves (id, owner_id, created_at, seen_at) VALUES ($1, $2, $3, $3);

-- name: Moves :many
SELECT id, owner_id, twitter_id, handle, name, used_circle, was_private, created_at, seen_at, deleted_at, people_seen_at
FROM moves WHERE owner_id = $1 AND deleted_at = 0 ORDER BY created_at DESC, id DESC;

-- name: Move :one
SELECT id, owner_id, twitter_id, handle, name, used_circle, was_private, created_at, seen_at, deleted_at, people_seen_at
FROM moves WHERE id = $1 AND deleted_at = 0;

-- Whoever changes People or matches by what was read before takes turns.
-- name: LockMove :exec
UPDATE moves SET seen_at = seen_at WHERE id = $1;

-- name: TouchMove :exec
UPDATE moves SET seen_at = $2 WHERE id = $1 AND seen_at < $2;

-- name: SeePeople :execrows
UPDATE moves SET people_seen_at = $2 WHERE id = $1 AND deleted_at = 0;

-- name: AnswerMove :execrows
UPDATE moves SET used_circle = $2, was_private = $3 WHERE id = $1 AND deleted_at = 0;

-- name: NameMove :execrows
UPDATE moves SET twitter_id = $2, handle = $3, name = $4 WHERE id = $1 AND deleted_at = 0;

-- name: MarkMoveDeleted :execrows
UPDATE moves SET deleted_at = $2 WHERE id = $1 AND deleted_at = 0;

-- name: CancelMoveRuns :exec
UPDATE runs SET state = 'cancelled', wish = '', fence = fence + 1, wake = wake + 1, finished_at = $2
WHERE move_id = $1 AND state IN ('waiting', 'running', 'paused');

-- name: DeletedMoves :many
SELECT id FROM moves WHERE deleted_at > 0 AND deleted_at <= $1;

-- name: RunLeasesOfMove :one
SELECT COUNT(*) FROM runs WHERE move_id = $1 AND lease_until > $2;

-- The Owner of a Move, if no other Move of theirs lives or has a request in flight.
-- name: LastMoveOf :one
SELECT m.owner_id FROM moves m WHERE m.id = $1 AND NOT EXISTS (
    SELECT 1 FROM moves o WHERE o.owner_id = m.owner_id AND o.id <> m.id
        AND (o.deleted_at = 0 OR EXISTS (SELECT 1 FROM runs r WHERE r.move_id = o.id AND r.lease_until > $2)));

-- name: DeleteMove :exec
DELETE FROM moves WHERE id = $1;

-- name: ExpiredMoves :many
SELECT id FROM moves WHERE deleted_at = 0 AND seen_at < $1
    AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.move_id = moves.id AND runs.state IN ('waiting', 'running'))
LIMIT 100;

-- Runs that keep a Move from its end though nothing has come of them for long: no Step of theirs came to an end. One
-- without an Account has no Steps, and is stuck if it says that something is wrong.
-- name: StuckRuns :many
SELECT r.id FROM runs r JOIN moves m ON m.id = r.move_id
WHERE m.deleted_at = 0 AND m.seen_at < $1 AND r.state IN ('waiting', 'running') AND r.wish <> 'cancel' AND r.created_at < $2
    AND (r.account_id <> '' OR r.error <> '')
    AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.run_id = r.id AND s.updated_at >= $2
        AND s.state IN ('confirmed', 'refused', 'skipped', 'unsure', 'undone'))
ORDER BY r.created_at, r.id LIMIT 100;

-- Moves that looked last before that time, are not looking now, and still miss somebody.
-- name: MovesToSearch :many
SELECT m.id FROM moves m WHERE m.deleted_at = 0
    AND EXISTS (SELECT 1 FROM runs r WHERE r.move_id = m.id AND r.kind = 'find' AND r.state = 'done')
    AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.move_id = m.id AND r.kind = 'find'
        AND (r.finished_at > $1 OR r.state IN ('waiting', 'running', 'paused')))
    AND EXISTS (SELECT 1 FROM people p WHERE p.move_id = m.id AND p.arrived_at = 0)
ORDER BY m.seen_at DESC LIMIT 100;

-- name: AddArchive :exec
INSERT INTO archives (id, move_id, kind, file_name, file_key, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: Archives :many
SELECT id, move_id, kind, file_name, file_key, state, summary, error, created_at FROM archives
WHERE move_id = $1 ORDER BY created_at, id;

-- name: Archive :one
SELECT id, move_id, kind, file_name, file_key, state, summary, error, created_at FROM archives WHERE id = $1;

-- name: FinishArchive :execrows
UPDATE archives SET state = $2, summary = $3, error = $4 WHERE id = $1 AND state = 'reading';

-- Rows of an Archive that was not read to its end do not count.
-- name: FilesIncomplete :exec
UPDATE archive_files SET complete = FALSE WHERE archive_id = $1;

-- name: FileComplete :exec
INSERT INTO archive_files (archive_id, name, items, complete) VALUES ($1, $2, $3, TRUE)
ON CONFLICT (archive_id, name) DO UPDATE SET items = excluded.items, complete = TRUE;

-- name: TweetsAfter :many
SELECT t.tweet_id, t.at, t.payload FROM tweets t
JOIN archive_files f ON f.archive_id = t.archive_id AND f.name = t.file AND f.complete
WHERE t.move_id = $1 AND (t.at > $2 OR (t.at = $2 AND t.tweet_id > $3))
ORDER BY t.at, t.tweet_id LIMIT $4;

-- name: OldestTweet :one
SELECT CAST(COALESCE(MIN(t.at), 0) AS BIGINT) FROM tweets t WHERE t.move_id = $1 AND t.at > 0;

-- name: Tweet :one
SELECT payload FROM tweets WHERE move_id = $1 AND tweet_id = $2;

-- name: CountTweets :one
SELECT COUNT(*) FROM tweets t
JOIN archive_files f ON f.archive_id = t.archive_id AND f.name = t.file AND f.complete
WHERE t.move_id = $1;

-- name: SaveList :exec
INSERT INTO lists (move_id, url, kind, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (move_id, url) DO UPDATE SET kind = excluded.kind, name = excluded.name;

-- name: Lists :many
SELECT url, kind, name FROM lists WHERE move_id = $1 ORDER BY name, url;

-- What was never sent may be posted by a later Move.
-- name: ReleaseMoveParts :exec
DELETE FROM posted_parts WHERE status_id = '' AND step_id IN
    (SELECT s.id FROM steps s WHERE s.move_id = $1 AND s.state IN ('planned', 'refused', 'skipped'));
