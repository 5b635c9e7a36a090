-- name: Avatar :one
SELECT hash, there, expires_at FROM avatars WHERE hash = $1;

-- name: SaveAvatar :exec
INSERT INTO avatars (hash, there, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (hash) DO UPDATE SET there = excluded.there, expires_at = excluded.expires_at;

-- name: ExpiredAvatars :many
SELECT hash FROM avatars WHERE expires_at <= $1 ORDER BY expires_at LIMIT 500;

-- name: DeleteAvatar :execrows
DELETE FROM avatars WHERE hash = $1 AND expires_at <= $2;
