-- What an Account did last, and whom it followed, over all its Runs.

-- +goose Up
CREATE INDEX steps_account ON steps (account_id, kind, state, updated_at);

-- +goose Down
DROP INDEX steps_account;
