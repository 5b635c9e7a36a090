-- Relations come with their Person, in one text.
-- name: Person :one
SELECT p.id, p.move_id, p.twitter_id, p.handle, p.handle_lower, p.handle_source, p.handle_seen_at, p.handle_count, p.name, p.bio,
    p.location, p.urls, p.interactions, p.last_at, p.best_grade, p.archived, p.profile_source, p.arrived_at,
    CAST(COALESCE((SELECT string_agg(r.kind, ' ') FROM relations r WHERE r.person_id = p.id), '') AS TEXT) AS relations
FROM people p WHERE p.id = $1;

-- name: PeopleAfter :many
SELECT p.id, p.move_id, p.twitter_id, p.handle, p.handle_lower, p.handle_source, p.handle_seen_at, p.handle_count, p.name, p.bio,
    p.location, p.urls, p.interactions, p.last_at, p.best_grade, p.archived, p.profile_source, p.arrived_at,
    CAST(COALESCE((SELECT string_agg(r.kind, ' ') FROM relations r WHERE r.person_id = p.id), '') AS TEXT) AS relations
FROM people p WHERE p.move_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3;

-- name: CountPeople :one
SELECT COUNT(*) AS people,
    CAST(COALESCE(SUM(CASE WHEN p.handle <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) AS named,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS proven,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS stated,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS claimed,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS guess,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS unresolved,
    CAST(COALESCE(SUM(CASE WHEN arrived_at > m.people_seen_at AND m.people_seen_at > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS arrived
FROM people p JOIN moves m ON m.id = p.move_id WHERE p.move_id = $1;

-- name: CountRelations :many
SELECT kind, COUNT(*) AS people FROM relations WHERE move_id = $1 GROUP BY kind;

-- name: CountChosen :one
SELECT COUNT(*) FROM matches WHERE move_id = $1 AND chosen;

-- name: CountArrived :one
SELECT COUNT(*) FROM people WHERE move_id = $1 AND arrived_at > 0 AND arrived_at >= $2;
