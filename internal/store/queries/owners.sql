-- name: Setting :one
SELECT value FROM settings WHERE name = $1;

-- name: AddSetting :exec
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING;

-- name: AddOwner :exec
INSERT INTO owners (id, created_at, seen_at) VALUES ($1, $2, $2);

-- name: Owner :one
SELECT id, recovery_hash, created_at, seen_at FROM owners WHERE id = $1;

-- name: SetRecovery :execrows
UPDATE owners SET recovery_hash = $2 WHERE id = $1;

-- name: OwnerByRecovery :one
SELECT id FROM owners WHERE recovery_hash = $1 AND recovery_hash <> '';

-- name: OwnerByAccount :one
SELECT owner_id FROM accounts WHERE address_key = $1 AND remote_id = $2 ORDER BY connected_at DESC LIMIT 1;

-- name: Session :one
SELECT data FROM sessions WHERE token = $1 AND expires_at > $2;

-- name: SaveSession :exec
INSERT INTO sessions (token, data, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE token = $1;

-- name: DeleteExpiredSessions :execrows
DELETE FROM sessions WHERE expires_at <= $1;

-- name: DeleteEmptyOwners :execrows
DELETE FROM owners WHERE owners.seen_at < $1 AND owners.recovery_hash = ''
    AND NOT EXISTS (SELECT 1 FROM moves WHERE moves.owner_id = owners.id)
    AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.owner_id = owners.id);
