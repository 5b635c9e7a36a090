-- A person whose id is known now but who was saved by handle before becomes one
-- row with the id; decisions hang on the row and stay.
-- name: AdoptHandle :exec
UPDATE people SET twitter_id = $3
WHERE people.move_id = $1 AND people.handle_lower = $2 AND people.twitter_id = ''
    AND NOT EXISTS (SELECT 1 FROM people p WHERE p.move_id = $1 AND p.twitter_id = $3);

-- name: PersonIDByHandle :one
SELECT id FROM people WHERE move_id = $1 AND handle_lower = $2 AND handle_lower <> '' ORDER BY twitter_id DESC LIMIT 1;

-- name: PersonIDByTwitterID :one
SELECT id FROM people WHERE move_id = $1 AND twitter_id = $2 AND twitter_id <> '';

-- name: AddPerson :exec
INSERT INTO people (id, move_id, twitter_id, handle, handle_lower, handle_source, handle_seen_at, handle_count,
    name, bio, location, urls, interactions, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- What the new reading does not know stays as it was.
-- name: UpdatePerson :exec
UPDATE people SET
    handle = CASE WHEN CAST(sqlc.arg(handle) AS TEXT) <> '' AND CAST(sqlc.arg(handle_seen_at) AS BIGINT) >= handle_seen_at THEN CAST(sqlc.arg(handle) AS TEXT) ELSE handle END,
    handle_lower = CASE WHEN CAST(sqlc.arg(handle) AS TEXT) <> '' AND CAST(sqlc.arg(handle_seen_at) AS BIGINT) >= handle_seen_at THEN CAST(sqlc.arg(handle_lower) AS TEXT) ELSE handle_lower END,
    handle_source = CASE WHEN CAST(sqlc.arg(handle) AS TEXT) <> '' AND CAST(sqlc.arg(handle_seen_at) AS BIGINT) >= handle_seen_at THEN CAST(sqlc.arg(handle_source) AS TEXT) ELSE handle_source END,
    handle_count = CASE WHEN CAST(sqlc.arg(handle_count) AS BIGINT) > handle_count THEN CAST(sqlc.arg(handle_count) AS BIGINT) ELSE handle_count END,
    handle_seen_at = CASE WHEN CAST(sqlc.arg(handle) AS TEXT) <> '' AND CAST(sqlc.arg(handle_seen_at) AS BIGINT) >= handle_seen_at THEN CAST(sqlc.arg(handle_seen_at) AS BIGINT) ELSE handle_seen_at END,
    name = CASE WHEN CAST(sqlc.arg(name) AS TEXT) <> '' THEN CAST(sqlc.arg(name) AS TEXT) ELSE name END,
    bio = CASE WHEN CAST(sqlc.arg(bio) AS TEXT) <> '' THEN CAST(sqlc.arg(bio) AS TEXT) ELSE bio END,
    location = CASE WHEN CAST(sqlc.arg(location) AS TEXT) <> '' THEN CAST(sqlc.arg(location) AS TEXT) ELSE location END,
    urls = CASE WHEN CAST(sqlc.arg(urls) AS TEXT) <> '' THEN CAST(sqlc.arg(urls) AS TEXT) ELSE urls END,
    interactions = CASE WHEN CAST(sqlc.arg(interactions) AS BIGINT) > interactions THEN CAST(sqlc.arg(interactions) AS BIGINT) ELSE interactions END,
    last_at = CASE WHEN CAST(sqlc.arg(last_at) AS BIGINT) > last_at THEN CAST(sqlc.arg(last_at) AS BIGINT) ELSE last_at END
WHERE id = sqlc.arg(id);

-- name: AddRelation :exec
INSERT INTO relations (person_id, kind, move_id) VALUES ($1, $2, $3) ON CONFLICT (person_id, kind) DO NOTHING;

-- name: RelationsOf :many
SELECT kind FROM relations WHERE person_id = $1 ORDER BY kind;

-- name: Person :one
SELECT id, move_id, twitter_id, handle, handle_lower, handle_source, handle_seen_at, handle_count, name, bio, location, urls,
    interactions, last_at, best_grade
FROM people WHERE id = $1;

-- name: PeopleAfter :many
SELECT id, move_id, twitter_id, handle, handle_lower, handle_source, handle_seen_at, handle_count, name, bio, location, urls,
    interactions, last_at, best_grade
FROM people WHERE move_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- The page's order: best grade first, then closeness. Grade -1 means any; an
-- empty relation or search text means any. The search text comes lower-case,
-- with % and _ escaped by a backslash.
-- name: PeoplePage :many
SELECT p.id, p.move_id, p.twitter_id, p.handle, p.handle_lower, p.handle_source, p.handle_seen_at, p.handle_count, p.name, p.bio,
    p.location, p.urls, p.interactions, p.last_at, p.best_grade
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
