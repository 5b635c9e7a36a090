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

-- The page's order: best grade first, then closeness. Grade -1 means any; an
-- empty relation or search text means any. The search text comes lower-case,
-- with % and _ escaped by a backslash.
-- name: PeoplePage :many
SELECT p.id, p.move_id, p.twitter_id, p.handle, p.handle_lower, p.handle_source, p.handle_seen_at, p.handle_count, p.name, p.bio,
    p.location, p.urls, p.interactions, p.last_at, p.best_grade, p.archived, p.profile_source, p.arrived_at,
    CAST(COALESCE((SELECT string_agg(r.kind, ' ') FROM relations r WHERE r.person_id = p.id), '') AS TEXT) AS relations
FROM people p
WHERE p.move_id = sqlc.arg(move_id)
    AND (CAST(sqlc.arg(grade) AS BIGINT) < 0 OR p.best_grade = CAST(sqlc.arg(grade) AS BIGINT))
    AND (CAST(sqlc.arg(relation) AS TEXT) = '' OR EXISTS (SELECT 1 FROM relations r WHERE r.person_id = p.id AND r.kind = CAST(sqlc.arg(relation) AS TEXT)))
    AND (CAST(sqlc.arg(search) AS TEXT) = '' OR p.handle_lower LIKE CAST(sqlc.arg(search) AS TEXT) ESCAPE '\' OR LOWER(p.name) LIKE CAST(sqlc.arg(search) AS TEXT) ESCAPE '\'
        OR EXISTS (SELECT 1 FROM matches m WHERE m.person_id = p.id AND m.address_key LIKE CAST(sqlc.arg(search) AS TEXT) ESCAPE '\'))
    AND (p.best_grade < CAST(sqlc.arg(after_grade) AS BIGINT)
        OR (p.best_grade = CAST(sqlc.arg(after_grade) AS BIGINT) AND p.interactions < CAST(sqlc.arg(after_interactions) AS BIGINT))
        OR (p.best_grade = CAST(sqlc.arg(after_grade) AS BIGINT) AND p.interactions = CAST(sqlc.arg(after_interactions) AS BIGINT) AND p.id > CAST(sqlc.arg(after_id) AS TEXT)))
ORDER BY p.best_grade DESC, p.interactions DESC, p.id LIMIT sqlc.arg(max_rows);

-- name: CountPeoplePage :one
SELECT COUNT(*) FROM people p
WHERE p.move_id = sqlc.arg(move_id)
    AND (CAST(sqlc.arg(grade) AS BIGINT) < 0 OR p.best_grade = CAST(sqlc.arg(grade) AS BIGINT))
    AND (CAST(sqlc.arg(relation) AS TEXT) = '' OR EXISTS (SELECT 1 FROM relations r WHERE r.person_id = p.id AND r.kind = CAST(sqlc.arg(relation) AS TEXT)))
    AND (CAST(sqlc.arg(search) AS TEXT) = '' OR p.handle_lower LIKE CAST(sqlc.arg(search) AS TEXT) ESCAPE '\' OR LOWER(p.name) LIKE CAST(sqlc.arg(search) AS TEXT) ESCAPE '\'
        OR EXISTS (SELECT 1 FROM matches m WHERE m.person_id = p.id AND m.address_key LIKE CAST(sqlc.arg(search) AS TEXT) ESCAPE '\'));

-- name: CountPeople :one
SELECT COUNT(*) AS people,
    CAST(COALESCE(SUM(CASE WHEN handle <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) AS named,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS proven,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS stated,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS claimed,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS guess,
    CAST(COALESCE(SUM(CASE WHEN best_grade = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS unresolved
FROM people WHERE move_id = $1;

-- name: CountRelations :many
SELECT kind, COUNT(*) AS people FROM relations WHERE move_id = $1 GROUP BY kind;

-- name: CountChosen :one
SELECT COUNT(*) FROM matches WHERE move_id = $1 AND chosen;
