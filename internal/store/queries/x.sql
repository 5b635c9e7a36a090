-- name: XDay :one
SELECT asked FROM x_days WHERE day = $1;

-- name: AddXDay :exec
INSERT INTO x_days (day, asked) VALUES ($1, 0) ON CONFLICT (day) DO NOTHING;

-- name: TakeXDay :execrows
UPDATE x_days SET asked = asked + sqlc.arg(n) WHERE day = sqlc.arg(day) AND asked + sqlc.arg(n) <= sqlc.arg(most);

-- name: GiveBackXDay :exec
UPDATE x_days SET asked = CASE WHEN asked > sqlc.arg(n) THEN asked - sqlc.arg(n) ELSE 0 END WHERE day = sqlc.arg(day);

-- name: DeleteXDays :exec
DELETE FROM x_days WHERE day < $1;

-- name: SetAskedX :exec
INSERT INTO x_asked (person_id, at) SELECT p.id, CAST(sqlc.arg(at) AS BIGINT) FROM people p WHERE p.id = sqlc.arg(person) ON CONFLICT (person_id) DO UPDATE SET at = excluded.at;
