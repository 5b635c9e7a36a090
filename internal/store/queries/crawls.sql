-- name: AddCrawl :exec
INSERT INTO crawls (host, due_at, updated_at) VALUES ($1, $2, $2) ON CONFLICT (host) DO NOTHING;

-- name: CrawlHosts :many
SELECT host FROM crawls;

-- name: DueCrawls :many
SELECT host FROM crawls WHERE due_at <= $1 AND lease_until <= $1 ORDER BY due_at, host LIMIT $2;

-- name: LeaseCrawl :one
UPDATE crawls SET lease_until = sqlc.arg(until) WHERE host = $1 AND due_at <= sqlc.arg(now) AND lease_until <= sqlc.arg(now)
RETURNING host, phase, place, last_id, newest_id, next_id, began_at, due_at, read_at, full_at, fails, accounts, row_count, error, lease_until, updated_at;

-- A lease that somebody else took has another end.
-- name: SaveCrawl :execrows
UPDATE crawls SET phase = $2, place = $3, last_id = $4, newest_id = $5, next_id = $6, began_at = $7, due_at = $8, read_at = $9,
    full_at = $10, fails = $11, accounts = $12, row_count = $13, error = $14, lease_until = sqlc.arg(until), updated_at = sqlc.arg(now)
WHERE host = $1 AND lease_until = sqlc.arg(held);

-- name: Crawls :many
SELECT host, phase, place, last_id, newest_id, next_id, began_at, due_at, read_at, full_at, fails, accounts, row_count, error, lease_until, updated_at
FROM crawls ORDER BY host;

-- name: CountDirectoryAccounts :one
SELECT COUNT(*) FROM directory_accounts WHERE host = $1;

-- name: OldDirectoryAccounts :many
SELECT address_key, handle_lower, address, host, remote_id, text, read_at, shown_at FROM directory_accounts
WHERE host = $1 AND read_at < $2 ORDER BY read_at, address_key, handle_lower LIMIT $3;

-- name: DeleteStaleDirectoryAccounts :execrows
DELETE FROM directory_accounts WHERE host = $1 AND read_at < $2;

-- name: DeleteDirectoryAccount :exec
DELETE FROM directory_accounts WHERE address_key = $1 AND handle_lower = $2;

-- name: DirectoryAccountShown :exec
UPDATE directory_accounts SET read_at = sqlc.arg(read_at), shown_at = sqlc.arg(shown_at), text = sqlc.arg(text)
WHERE address_key = sqlc.arg(address_key) AND handle_lower = sqlc.arg(handle_lower);
