-- name: SaveAccount :one
INSERT INTO accounts (id, owner_id, address, address_key, host, remote_id, display_name, avatar, software, version,
    scopes, followers, following, locked, token, connected_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (owner_id, address_key) DO UPDATE SET remote_id = excluded.remote_id, display_name = excluded.display_name,
    avatar = excluded.avatar, software = excluded.software, version = excluded.version, scopes = excluded.scopes,
    followers = excluded.followers, following = excluded.following, locked = excluded.locked,
    connected_at = excluded.connected_at, revoked_at = 0
RETURNING id;

-- name: SetToken :exec
UPDATE accounts SET token = $2 WHERE id = $1;

-- name: Accounts :many
SELECT id, owner_id, address, address_key, host, remote_id, display_name, avatar, software, version, scopes, followers, following,
    locked, token, connected_at, revoked_at
FROM accounts WHERE owner_id = $1 ORDER BY connected_at, id;

-- name: Account :one
SELECT id, owner_id, address, address_key, host, remote_id, display_name, avatar, software, version, scopes, followers, following,
    locked, token, connected_at, revoked_at
FROM accounts WHERE id = $1;

-- name: RevokeAccount :exec
UPDATE accounts SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0;

-- name: DeleteAccount :execrows
DELETE FROM accounts WHERE id = $1 AND owner_id = $2;

-- name: ForgetPostedParts :exec
DELETE FROM posted_parts WHERE account_key = $1
    AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.address_key = posted_parts.account_key);

-- name: App :one
SELECT host, data, redirect_uri, reserved_until, created_at FROM apps WHERE host = $1;

-- name: ReserveApp :execrows
INSERT INTO apps (host, data, reserved_until, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (host) DO UPDATE SET reserved_until = excluded.reserved_until
WHERE apps.reserved_until <= $4;

-- name: SaveApp :exec
UPDATE apps SET data = $2, redirect_uri = $3, reserved_until = 0, created_at = $4 WHERE host = $1;

-- name: ReleaseApp :exec
UPDATE apps SET reserved_until = 0 WHERE host = $1;

-- name: DeleteApp :exec
DELETE FROM apps WHERE host = $1;

-- name: AddFlow :exec
INSERT INTO oauth_flows (state_hash, session, owner_id, move_id, host, purpose, scopes, verifier, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: TakeFlow :one
DELETE FROM oauth_flows WHERE state_hash = $1
RETURNING state_hash, session, owner_id, move_id, host, purpose, scopes, verifier, expires_at;

-- name: DeleteExpiredFlows :exec
DELETE FROM oauth_flows WHERE expires_at <= $1;
