-- What the status says that an unsure Step may have become, for the Owner to
-- compare; gone once the Owner has decided.

-- +goose Up
ALTER TABLE steps ADD COLUMN result_text TEXT NOT NULL DEFAULT '';
ALTER TABLE steps ADD COLUMN result_at BIGINT NOT NULL DEFAULT 0; -- the date that it bears

-- +goose Down
ALTER TABLE steps DROP COLUMN result_at;
ALTER TABLE steps DROP COLUMN result_text;
