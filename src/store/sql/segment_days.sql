-- Days whose requests that add to a segment, or the visitors who sent them, are not as many as the log tells.
,
counted AS MATERIALIZED (
    SELECT
        segment_id, at - ((at % 86400000) + 86400000) % 86400000 AS day, count(DISTINCT seq) AS loads,
        count(DISTINCT visitor_id) AS uniques
    FROM ops WHERE NOT removes GROUP BY 1, 2
)
SELECT c.segment_id FROM counted c LEFT JOIN segment_loads_daily d USING (segment_id, day)
WHERE d.loads IS NOT c.loads OR d.uniques <> c.uniques
UNION ALL
SELECT d.segment_id FROM segment_loads_daily d LEFT JOIN counted c USING (segment_id, day) WHERE c.loads IS NULL
