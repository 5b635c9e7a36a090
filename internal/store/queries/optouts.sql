-- Whoever writes an opt-out, or rows that one would forbid, changes this row
-- first, so that neither misses the other.
-- name: LockOptOuts :exec
UPDATE settings SET value = value WHERE name = $1;

-- name: AddOptOut :exec
INSERT INTO opt_outs (address_mac, at) VALUES ($1, $2) ON CONFLICT (address_mac) DO NOTHING;

-- name: DeleteOptOut :execrows
DELETE FROM opt_outs WHERE address_mac = $1;

-- name: OptOutDirectoryAccounts :execrows
DELETE FROM directory_accounts WHERE address_key = $1;

-- name: OptOutRegistryHidden :exec
DELETE FROM registry_hidden WHERE entry_id IN (SELECT id FROM registry_entries WHERE address_key = $1 AND withdrawn_at = 0);

-- An entry that was withdrawn keeps its id alone.
-- name: OptOutRegistryEntry :execrows
UPDATE registry_entries SET owner_id = '', address = '', address_key = '', twitter_id = '', handle = '', proof = '', inside = FALSE,
    everybody = FALSE, updated_at = sqlc.arg(now), withdrawn_at = sqlc.arg(now)
WHERE address_key = $1 AND withdrawn_at = 0;

-- name: OptOutProfile :exec
DELETE FROM profiles WHERE address_key = $1;

-- name: OptOutMatches :many
SELECT id, move_id, person_id FROM matches WHERE address_key = $1 AND decision <> 'yes' ORDER BY move_id, id LIMIT $2;

-- name: OptOutMatch :execrows
DELETE FROM matches WHERE id = $1 AND decision <> 'yes';
