-- Two rows of People turn out to be one Person: what hangs on the one moves to
-- the other.
-- name: MoveRelations :exec
INSERT INTO relations (person_id, kind, move_id)
SELECT CAST(sqlc.arg(into_id) AS TEXT), r.kind, r.move_id FROM relations r WHERE r.person_id = sqlc.arg(from_id)
ON CONFLICT (person_id, kind) DO NOTHING;

-- name: MoveMatch :exec
UPDATE matches SET person_id = $1 WHERE id = $2;

-- name: MoveSteps :exec
UPDATE steps SET person_id = sqlc.arg(into_id)
WHERE person_id = sqlc.arg(from_id) AND run_id IN (SELECT r.id FROM runs r WHERE r.move_id = sqlc.arg(move_id));

-- name: DeletePerson :exec
DELETE FROM people WHERE id = $1;
