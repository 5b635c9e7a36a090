-- name: ConfirmedSince :one
SELECT count(*) FROM steps WHERE account_id = $1 AND kind = $2 AND state = 'confirmed' AND updated_at >= $3 AND run_id = $4;
