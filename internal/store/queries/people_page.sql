-- Up to 500 People with a match of that grade that is not decided on, in the
-- order of their ids.
-- name: UndecidedPeople :many
SELECT p.id FROM people p WHERE p.move_id = sqlc.arg(move_id) AND p.id > sqlc.arg(after)
    AND EXISTS (SELECT 1 FROM matches m WHERE m.person_id = p.id AND m.grade = sqlc.arg(grade) AND m.decision = '')
ORDER BY p.id LIMIT 500;

-- Closest first; the last one read says where the next page begins.
-- name: PeopleWithout :many
SELECT p.id, p.move_id, p.twitter_id, p.handle, p.handle_lower, p.handle_source, p.handle_seen_at, p.handle_count, p.name, p.bio,
    p.location, p.urls, p.interactions, p.last_at, p.best_grade, p.archived, p.profile_source, p.arrived_at,
    CAST(COALESCE((SELECT string_agg(r.kind, ' ') FROM relations r WHERE r.person_id = p.id), '') AS TEXT) AS relations
FROM people p WHERE p.move_id = sqlc.arg(move_id) AND p.best_grade = 0
    AND (p.interactions < sqlc.arg(interactions) OR p.interactions = sqlc.arg(interactions) AND p.id > sqlc.arg(after))
ORDER BY p.interactions DESC, p.id LIMIT 500;
