-- name: ConfirmedSince :one
SELECT count(*) FROM steps WHERE account_id = $1 AND kind = $2 AND state = 'confirmed' AND updated_at >= $3 AND run_id = $4;

-- The other Runs at work that act for an Account, or for anybody at a host, if one is named, with how many of their Steps
-- are left and how many there are.
-- name: RunsBeside :many
SELECT r.id, r.move_id, r.kind, r.account_id, r.state, r.options, r.result, r.due_at,
    (SELECT COUNT(*) FROM steps s WHERE s.run_id = r.id AND s.state IN ('planned', 'sent')) AS steps_left,
    (SELECT COUNT(*) FROM steps s WHERE s.run_id = r.id) AS steps
FROM runs r JOIN accounts a ON a.id = r.account_id
WHERE r.state IN ('waiting', 'running') AND r.id <> sqlc.arg(run) AND (a.id = sqlc.arg(account) OR a.host = sqlc.arg(host))
ORDER BY r.created_at, r.id LIMIT 100;
