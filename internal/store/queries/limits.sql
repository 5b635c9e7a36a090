-- What was seen later counts; within one window, whose reset is the same, numbers
-- only fall, so that what was seen earlier never stands above it. A block stays
-- until it is over, unless it ends so far away that a clock must have jumped.
-- name: SaveLimit :exec
INSERT INTO limits (subject, family, max_calls, remaining, reset_at, blocked_until, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (subject, family) DO UPDATE SET
    max_calls = CASE WHEN excluded.updated_at >= limits.updated_at THEN excluded.max_calls ELSE limits.max_calls END,
    remaining = CASE
        WHEN excluded.reset_at = limits.reset_at AND excluded.reset_at <> 0 AND limits.remaining < excluded.remaining THEN limits.remaining
        WHEN excluded.reset_at = limits.reset_at AND excluded.reset_at <> 0 THEN excluded.remaining
        WHEN excluded.updated_at >= limits.updated_at THEN excluded.remaining ELSE limits.remaining END,
    reset_at = CASE WHEN excluded.updated_at >= limits.updated_at THEN excluded.reset_at ELSE limits.reset_at END,
    blocked_until = CASE WHEN limits.blocked_until > excluded.blocked_until AND limits.blocked_until < excluded.updated_at + 90000000
        THEN limits.blocked_until ELSE excluded.blocked_until END,
    updated_at = CASE WHEN excluded.updated_at >= limits.updated_at THEN excluded.updated_at ELSE limits.updated_at END;

-- name: Limits :many
SELECT subject, family, max_calls, remaining, reset_at, blocked_until, updated_at FROM limits WHERE subject = $1 ORDER BY family;

-- name: DeleteLimits :exec
DELETE FROM limits WHERE subject = $1;
