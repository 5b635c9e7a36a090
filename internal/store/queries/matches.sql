-- name: MatchesOf :many
SELECT id, move_id, person_id, address, address_key, host, grade, chosen, decision, decided_at, profile, marks, evidence
FROM matches WHERE person_id = $1 ORDER BY grade DESC, chosen DESC, address_key;

-- name: Match :one
SELECT id, move_id, person_id, address, address_key, host, grade, chosen, decision, decided_at, profile, marks, evidence
FROM matches WHERE id = $1;

-- name: SaveMatch :exec
INSERT INTO matches (id, move_id, person_id, address, address_key, host, grade, chosen, decision, decided_at, profile, marks, evidence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (person_id, address_key) DO UPDATE SET address = excluded.address, host = excluded.host,
    grade = excluded.grade, chosen = excluded.chosen, decision = excluded.decision, decided_at = excluded.decided_at,
    profile = excluded.profile, marks = excluded.marks, evidence = excluded.evidence;

-- name: DeleteMatch :exec
DELETE FROM matches WHERE id = $1;

-- name: ChosenMatches :many
SELECT m.id, m.move_id, m.person_id, m.address, m.address_key, m.host, m.grade, m.chosen, m.decision, m.decided_at, m.profile, m.marks, m.evidence
FROM matches m WHERE m.move_id = $1 AND m.chosen AND m.id > $2 ORDER BY m.id LIMIT $3;

-- name: ChosenHosts :many
SELECT host, COUNT(*) AS people FROM matches WHERE move_id = $1 AND chosen GROUP BY host ORDER BY host;

-- name: SetDirectorySource :exec
INSERT INTO directory_sources (source, generation, row_count, loaded_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (source) DO UPDATE SET generation = excluded.generation, row_count = excluded.row_count, loaded_at = excluded.loaded_at;

-- name: DirectorySource :one
SELECT source, generation, row_count, loaded_at FROM directory_sources WHERE source = $1;

-- name: DeleteOldDirectoryRows :exec
DELETE FROM directory_rows WHERE source = $1 AND generation <> $2;

-- name: SaveProfile :exec
INSERT INTO profiles (address_key, profile, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (address_key) DO UPDATE SET profile = excluded.profile, expires_at = excluded.expires_at;

-- name: DeleteExpiredProfiles :exec
DELETE FROM profiles WHERE expires_at <= $1;

-- name: HostByName :one
SELECT host, capability, expires_at, fails, rest_until FROM hosts WHERE host = $1;

-- name: SaveHost :exec
INSERT INTO hosts (host, capability, expires_at, fails, rest_until) VALUES ($1, $2, $3, 0, 0)
ON CONFLICT (host) DO UPDATE SET capability = excluded.capability, expires_at = excluded.expires_at, fails = 0, rest_until = 0;

-- name: HostFailed :exec
INSERT INTO hosts (host, capability, expires_at, fails, rest_until) VALUES ($1, '', 0, 1, 0)
ON CONFLICT (host) DO UPDATE SET fails = hosts.fails + 1,
    rest_until = CASE WHEN hosts.fails + 1 >= 3 THEN $2 ELSE hosts.rest_until END;

-- name: HostAnswered :exec
UPDATE hosts SET fails = 0, rest_until = 0 WHERE host = $1 AND fails > 0;

-- name: SaveServer :exec
INSERT INTO servers (host, source, data, fetched_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (host) DO UPDATE SET source = excluded.source, data = excluded.data, fetched_at = excluded.fetched_at;

-- name: Servers :many
SELECT host, source, data, fetched_at FROM servers ORDER BY host;

-- name: DeleteOldServers :exec
DELETE FROM servers WHERE source = $1 AND fetched_at < $2;
