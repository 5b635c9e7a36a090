-- name: CountSource :exec
INSERT INTO source_counts (source, asked, gave, failed, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (source) DO UPDATE SET asked = source_counts.asked + excluded.asked, gave = source_counts.gave + excluded.gave,
    failed = source_counts.failed + excluded.failed, at = excluded.at;
