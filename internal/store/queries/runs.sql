-- name: AddRun :exec
INSERT INTO runs (id, move_id, kind, account_id, state, options, due_at, created_at) VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7);

-- name: Run :one
SELECT id, move_id, kind, account_id, state, options, cursor, text, error, total, done, wake, fence, lease_until, due_at, wish,
    created_at, finished_at, result
FROM runs WHERE id = $1;

-- name: RunsOfMove :many
SELECT id, move_id, kind, account_id, state, options, cursor, text, error, total, done, wake, fence, lease_until, due_at, wish,
    created_at, finished_at, result
FROM runs WHERE move_id = $1 ORDER BY created_at, id;

-- name: ActiveRunsOfKind :one
SELECT COUNT(*) FROM runs WHERE move_id = $1 AND kind = $2 AND account_id = $3 AND state IN ('waiting', 'running', 'paused');

-- A lease is taken by raising the fence; whoever holds a lower fence has lost.
-- name: TakeLease :one
UPDATE runs SET fence = fence + 1, wake = wake + 1, state = 'running', lease_until = sqlc.arg(lease_until)
WHERE id = sqlc.arg(id) AND state IN ('waiting', 'running') AND due_at <= sqlc.arg(now) AND lease_until <= sqlc.arg(now)
RETURNING id, move_id, kind, account_id, state, options, cursor, text, error, total, done, wake, fence, lease_until, due_at, wish,
    created_at, finished_at, result;

-- name: RenewLease :one
UPDATE runs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING wish;

-- HoldLease is the first statement of every transaction of a lease's holder: it
-- locks the run's row and finds out whether the lease still stands.
-- name: HoldLease :execrows
UPDATE runs SET fence = fence WHERE id = $1 AND fence = $2 AND state = 'running' AND lease_until > $3;

-- A wish that the holder has not heard of stands and makes the Run due at once;
-- a cancel that came while it was about to pause keeps it from pausing.
-- name: ReleaseLease :one
UPDATE runs SET lease_until = 0, wake = wake + 1, error = sqlc.arg(error), finished_at = sqlc.arg(finished_at),
    state = CASE WHEN CAST(sqlc.arg(state) AS TEXT) = 'paused' AND wish = 'cancel' AND CAST(sqlc.arg(heard) AS TEXT) <> 'cancel'
        THEN 'waiting' ELSE CAST(sqlc.arg(state) AS TEXT) END,
    due_at = CASE WHEN wish <> '' AND wish <> CAST(sqlc.arg(heard) AS TEXT)
        THEN CAST(sqlc.arg(now) AS BIGINT) ELSE CAST(sqlc.arg(due_at) AS BIGINT) END,
    wish = CASE WHEN CAST(sqlc.arg(state) AS TEXT) = 'waiting'
            OR CAST(sqlc.arg(state) AS TEXT) = 'paused' AND wish = 'cancel' AND CAST(sqlc.arg(heard) AS TEXT) <> 'cancel'
        THEN wish ELSE '' END
WHERE id = sqlc.arg(id) AND fence = sqlc.arg(fence) RETURNING wake, state, due_at;

-- name: SetProgress :exec
UPDATE runs SET total = $3, done = $4, text = $5 WHERE id = $1 AND fence = $2;

-- name: SetResult :exec
UPDATE runs SET result = $3 WHERE id = $1 AND fence = $2;

-- name: SetCursor :exec
UPDATE runs SET cursor = $3 WHERE id = $1 AND fence = $2;

-- A wish is carried out by a worker, so it makes the Run due at once.
-- name: WishRun :one
UPDATE runs SET wish = $2, due_at = $3, wake = wake + 1, state = CASE WHEN state IN ('paused', 'failed') THEN 'waiting' ELSE state END
WHERE id = $1 AND state IN ('waiting', 'running', 'paused', 'failed') RETURNING wake;

-- name: ResumeRun :one
UPDATE runs SET state = 'waiting', wish = '', error = '', due_at = $2, wake = wake + 1, finished_at = 0
WHERE id = $1 AND state IN ('paused', 'failed') RETURNING wake;

-- name: DueRuns :many
SELECT id, kind, wake, due_at, lease_until FROM runs
WHERE state IN ('waiting', 'running') AND due_at <= $1 ORDER BY due_at, id LIMIT 1000;

-- A Step whose part another one has claimed is kept as skipped, with the status
-- that the part became if that is known.
-- name: SkipTakenSteps :exec
UPDATE steps SET state = 'skipped', outcome = 'already', reason = sqlc.arg(reason),
    result_id = (SELECT p.status_id FROM posted_parts p
        WHERE p.account_key = sqlc.arg(account_key) AND p.tweet_id = steps.tweet_id AND p.part = steps.part),
    result_url = (SELECT p.status_url FROM posted_parts p
        WHERE p.account_key = sqlc.arg(account_key) AND p.tweet_id = steps.tweet_id AND p.part = steps.part)
WHERE steps.run_id = sqlc.arg(run_id) AND steps.seq >= sqlc.arg(first_seq) AND steps.seq <= sqlc.arg(last_seq)
    AND steps.kind = 'post' AND steps.state = 'planned'
    AND EXISTS (SELECT 1 FROM posted_parts p WHERE p.account_key = sqlc.arg(account_key) AND p.tweet_id = steps.tweet_id
        AND p.part = steps.part AND p.step_id <> steps.id);

-- name: RecordPlan :exec
INSERT INTO ledger (step_id, attempt, state, at, detail)
SELECT s.id, 0, s.state, CAST(sqlc.arg(at) AS BIGINT), s.reason FROM steps s
WHERE s.run_id = sqlc.arg(run_id) AND s.seq >= sqlc.arg(first_seq) AND s.seq <= sqlc.arg(last_seq)
ON CONFLICT (step_id, attempt, state) DO NOTHING;

-- name: ReleasePart :exec
DELETE FROM posted_parts WHERE step_id = $1 AND status_id = '';

-- name: ConfirmPart :exec
UPDATE posted_parts SET status_id = $2, status_url = $3 WHERE step_id = $1;

-- name: PostedPart :one
SELECT account_key, tweet_id, part, step_id, status_id, status_url FROM posted_parts
WHERE account_key = $1 AND tweet_id = $2 AND part = $3;

-- name: LastPostedPart :one
SELECT account_key, tweet_id, part, step_id, status_id, status_url FROM posted_parts
WHERE account_key = $1 AND tweet_id = $2 AND status_id <> '' ORDER BY part DESC LIMIT 1;

-- name: PostedTweets :many
SELECT tweet_id, CAST(MAX(part) AS BIGINT) AS parts FROM posted_parts WHERE account_key = $1 AND status_id <> '' GROUP BY tweet_id;

-- name: StatusConfirmed :one
SELECT COUNT(*) FROM posted_parts WHERE account_key = $1 AND status_id = $2 AND step_id <> $3;

-- name: Step :one
SELECT id, run_id, move_id, account_id, seq, kind, person_id, address, tweet_id, part, parent_id, payload, state, attempt, sent,
    outcome, reason, result_id, result_url, adopted, updated_at, list, undoes, due_at, result_text, result_at
FROM steps WHERE id = $1;

-- name: FirstStepInState :one
SELECT id, run_id, move_id, account_id, seq, kind, person_id, address, tweet_id, part, parent_id, payload, state, attempt, sent,
    outcome, reason, result_id, result_url, adopted, updated_at, list, undoes, due_at, result_text, result_at
FROM steps WHERE run_id = $1 AND state = $2 ORDER BY seq LIMIT 1;

-- A planned Step whose parent is still open waits, and so does one that is not due; the others go in order.
-- name: NextPlannedStep :one
SELECT s.id, s.run_id, s.move_id, s.account_id, s.seq, s.kind, s.person_id, s.address, s.tweet_id, s.part, s.parent_id, s.payload,
    s.state, s.attempt, s.sent, s.outcome, s.reason, s.result_id, s.result_url, s.adopted, s.updated_at, s.list, s.undoes, s.due_at, s.result_text, s.result_at
FROM steps s LEFT JOIN steps p ON p.id = s.parent_id
WHERE s.run_id = $1 AND s.state = 'planned' AND s.due_at <= $2
    AND (s.parent_id = '' OR p.id IS NULL OR p.state IN ('confirmed', 'refused', 'skipped', 'undone'))
ORDER BY s.seq LIMIT 1;

-- When the next planned Step is due whose parent is not open; 0 if there is none.
-- name: NextDueStep :one
SELECT CAST(COALESCE(MIN(s.due_at), 0) AS BIGINT) FROM steps s LEFT JOIN steps p ON p.id = s.parent_id
WHERE s.run_id = $1 AND s.state = 'planned' AND s.due_at > 0
    AND (s.parent_id = '' OR p.id IS NULL OR p.state IN ('confirmed', 'refused', 'skipped', 'undone'));

-- name: DeferStep :exec
UPDATE steps SET due_at = $2, reason = $3 WHERE id = $1 AND state = 'planned';

-- Follows that wait for the other side's yes, over all Accounts, the longest overdue first.
-- name: RequestedSteps :many
SELECT id, run_id, move_id, account_id, seq, kind, person_id, address, tweet_id, part, parent_id, payload, state, attempt, sent,
    outcome, reason, result_id, result_url, adopted, updated_at, list, undoes, due_at, result_text, result_at
FROM steps WHERE outcome = 'requested' AND state = 'confirmed' AND due_at <= $1 AND updated_at >= $2
ORDER BY due_at, id LIMIT $3;

-- name: SetRequested :exec
UPDATE steps SET outcome = sqlc.arg(outcome), reason = sqlc.arg(reason), due_at = sqlc.arg(due_at)
WHERE id = sqlc.arg(id) AND outcome = 'requested' AND state = 'confirmed';

-- What a Run did and nobody took back yet, the latest first: what answers a post goes before it.
-- name: StepsToUndo :many
SELECT id, run_id, move_id, account_id, seq, kind, person_id, address, tweet_id, part, parent_id, payload, state, attempt, sent,
    outcome, reason, result_id, result_url, adopted, updated_at, list, undoes, due_at, result_text, result_at
FROM steps WHERE run_id = $1 AND state = 'confirmed' AND NOT adopted AND outcome <> 'refused' AND (result_id <> '' OR kind <> 'post') AND seq < $2
ORDER BY seq DESC LIMIT $3;

-- name: ForgetPart :exec
DELETE FROM posted_parts WHERE step_id = $1;

-- name: StepsPage :many
SELECT id, run_id, move_id, account_id, seq, kind, person_id, address, tweet_id, part, parent_id, payload, state, attempt, sent,
    outcome, reason, result_id, result_url, adopted, updated_at, list, undoes, due_at, result_text, result_at
FROM steps WHERE run_id = $1 AND (CAST(sqlc.arg(state) AS TEXT) = '' OR state = CAST(sqlc.arg(state) AS TEXT)) AND seq > sqlc.arg(after)
ORDER BY seq LIMIT sqlc.arg(max_rows);

-- name: LatestStep :one
SELECT CAST(COALESCE(MAX(updated_at), 0) AS BIGINT) FROM steps WHERE account_id = $1 AND kind = $2 AND state = $3;

-- name: FollowedAddresses :many
SELECT DISTINCT address FROM steps
WHERE account_id = $1 AND kind = 'follow' AND (state = 'confirmed' OR state = 'skipped' AND outcome = 'already');

-- Whether another Step has confirmed the status that this one might have become.
-- name: StatusTaken :one
SELECT COUNT(*) FROM posted_parts p JOIN posted_parts mine ON mine.account_key = p.account_key
WHERE mine.step_id = $1 AND p.step_id <> $1 AND p.status_id = $2;

-- A Run that is over, or that was stopped for a reason, goes on where a Step is
-- left to do; one that was stopped also where nothing is left to decide, so that
-- it ends. One that the Owner paused stays so.
-- name: ReviveRun :exec
UPDATE runs SET state = 'waiting', error = '', due_at = $2, wake = wake + 1, finished_at = 0
WHERE runs.id = $1 AND (runs.state = 'done' OR runs.state = 'paused' AND runs.error <> '')
    AND (EXISTS (SELECT 1 FROM steps WHERE steps.run_id = runs.id AND steps.state = 'planned')
        OR runs.state = 'paused' AND NOT EXISTS (SELECT 1 FROM steps WHERE steps.run_id = runs.id AND steps.state = 'unsure'));

-- name: StepCounts :many
SELECT state, COUNT(*) AS steps FROM steps WHERE run_id = $1 GROUP BY state;

-- name: StepSent :exec
UPDATE steps SET state = 'sent', attempt = $2, sent = $3, updated_at = $4 WHERE id = $1;

-- name: StepState :exec
UPDATE steps SET state = $2, outcome = $3, reason = $4, result_id = $5, result_url = $6, adopted = $7, updated_at = $8,
    result_text = $9, result_at = $10 WHERE id = $1;

-- The three statements of giving up what is only planned, in this order.
-- name: RecordSkipPlanned :exec
INSERT INTO ledger (step_id, attempt, state, at, detail)
SELECT s.id, s.attempt, 'skipped', CAST(sqlc.arg(at) AS BIGINT), CAST(sqlc.arg(detail) AS TEXT) FROM steps s
WHERE s.run_id = sqlc.arg(run_id) AND s.state = 'planned'
ON CONFLICT (step_id, attempt, state) DO NOTHING;

-- name: ReleasePlannedParts :exec
DELETE FROM posted_parts WHERE status_id = '' AND step_id IN (SELECT s.id FROM steps s WHERE s.run_id = $1 AND s.state = 'planned');

-- name: SkipPlanned :exec
UPDATE steps SET state = 'skipped', reason = $2, updated_at = $3 WHERE run_id = $1 AND state = 'planned';

-- name: DeleteStepsOf :exec
DELETE FROM steps WHERE run_id = $1;

-- name: Record :exec
INSERT INTO ledger (step_id, attempt, state, at, detail) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (step_id, attempt, state) DO NOTHING;

-- Within a millisecond entries stand in the order in which an attempt reaches its states.
-- name: Ledger :many
SELECT step_id, attempt, state, at, detail FROM ledger WHERE step_id = $1
ORDER BY at, attempt, CASE state WHEN 'sent' THEN 0 WHEN 'unsure' THEN 1 WHEN 'planned' THEN 2 WHEN 'undone' THEN 4 ELSE 3 END;

-- name: RunsOfAccount :one
SELECT COUNT(*) FROM runs WHERE account_id = $1 AND state IN ('waiting', 'running', 'paused');

-- Puts off what waits for a file of follows that the server reads.
-- name: DeferFollows :exec
UPDATE steps SET due_at = $2, reason = $3 WHERE run_id = $1 AND state = 'planned' AND kind = 'follow';

-- Whether a Run of the Account is still to follow somebody, by the key of the address.
-- name: FollowPlanned :one
SELECT COUNT(*) FROM steps s JOIN runs r ON r.id = s.run_id
WHERE s.account_id = $1 AND s.kind = 'follow' AND LOWER(s.address) = CAST(sqlc.arg(address) AS TEXT) AND s.state IN ('planned', 'sent')
    AND r.state IN ('waiting', 'running', 'paused');
