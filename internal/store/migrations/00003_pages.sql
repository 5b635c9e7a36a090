-- People of a Move, and their matches, are read in the order of the People's ids.

-- +goose Up
CREATE INDEX people_page ON people (move_id, id);
CREATE INDEX matches_people ON matches (move_id, person_id);

-- +goose Down
DROP INDEX matches_people;
DROP INDEX people_page;
