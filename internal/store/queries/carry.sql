-- name: OwnStatusesRead :one
SELECT account_id, read_to, read_at FROM own_statuses_read WHERE account_id = $1;

-- name: SetOwnStatusesRead :exec
INSERT INTO own_statuses_read (account_id, read_to, read_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET read_to = excluded.read_to, read_at = excluded.read_at;

-- name: OwnStatuses :many
SELECT status_id, text_hash, at, url FROM own_statuses WHERE account_id = $1
    AND NOT EXISTS (SELECT 1 FROM posted_parts p WHERE p.account_key = $2 AND p.status_id = own_statuses.status_id)
ORDER BY at, status_id;

-- name: DeleteOwnStatus :exec
DELETE FROM own_statuses WHERE account_id = $1 AND status_id = $2;

-- name: SaveAltText :exec
INSERT INTO alt_texts (move_id, file, text) VALUES ($1, $2, $3)
ON CONFLICT (move_id, file) DO UPDATE SET text = excluded.text;

-- name: DeleteAltText :exec
DELETE FROM alt_texts WHERE move_id = $1 AND file = $2;

-- name: AltTexts :many
SELECT file, text FROM alt_texts WHERE move_id = $1;

-- name: ListMembers :many
SELECT list, member FROM list_members WHERE move_id = $1 ORDER BY list, member;

-- name: AddListMember :exec
INSERT INTO list_members (move_id, list, member) VALUES ($1, $2, $3) ON CONFLICT (move_id, list, member) DO NOTHING;

-- name: DeleteListMembers :exec
DELETE FROM list_members WHERE move_id = $1;
