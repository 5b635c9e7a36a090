-- name: CountSource :exec
INSERT INTO source_counts (source, asked, gave, failed, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (source) DO UPDATE SET asked = source_counts.asked + excluded.asked, gave = source_counts.gave + excluded.gave,
    failed = source_counts.failed + excluded.failed, at = excluded.at;

-- name: SourceCounts :many
SELECT source, asked, gave, failed, at FROM source_counts ORDER BY source;

-- name: SourcesLoaded :many
SELECT source, row_count, loaded_at FROM directory_sources ORDER BY source;

-- name: SourceOfRegistry :one
SELECT CAST((SELECT COUNT(*) FROM registry_entries WHERE withdrawn_at = 0) + (SELECT COUNT(*) FROM registry_copies) AS BIGINT) AS row_count,
    CAST((SELECT COALESCE(MAX(fetched_at), 0) FROM registry_feeds) AS BIGINT) AS fetched_at;
