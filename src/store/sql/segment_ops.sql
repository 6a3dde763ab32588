-- What judged requests did with segments, one row an operation: those of tests, bots and prefetches do nothing, nor does
-- what names a segment that was deleted by then.
WITH
requests AS (
    SELECT seq, at, visitor_id, segments FROM fires WHERE segments IS NOT NULL AND flags & 7 = 0
    UNION ALL
    SELECT seq, at, visitor_id, segments FROM segment_loads WHERE segments IS NOT NULL AND flags & 7 = 0
),
ops AS NOT MATERIALIZED (
    SELECT
        r.seq, r.at, r.visitor_id, v.segment_id, o.value LIKE '-%' AS removes, v.state = 'active' AS active,
        coalesce(v.expire_minutes, 259200) AS lasts,
        r.at + coalesce(v.expire_minutes, 259200) * 60000 AS expires_at
    FROM requests r
    JOIN json_each('["' || replace(r.segments, ',', '","') || '"]') o
    JOIN segment_versions v ON v.seq = (SELECT max(w.seq) FROM segment_versions w
        WHERE w.segment_id = abs(CAST(o.value AS INTEGER)) AND w.seq < r.seq)
    WHERE r.seq <= (SELECT seq FROM judge_cursor) AND NOT v.deleted
),
removed AS MATERIALIZED (
    SELECT segment_id, visitor_id, max(seq) AS seq FROM ops
    WHERE removes AND visitor_id IS NOT NULL GROUP BY segment_id, visitor_id
)
