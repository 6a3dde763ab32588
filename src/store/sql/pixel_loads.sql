-- Hours whose loads of a pixel are not those of its conversions, in either direction. A load is a fire that is no test,
-- bot or prefetch; one that was retracted is attributed no more.
WITH counted AS MATERIALIZED (
    SELECT
        c.pixel_id, c.at - ((c.at % 3600000) + 3600000) % 3600000 AS hour, count(*) AS loads,
        sum(f.warnings IS NOT NULL OR (f.parent_reference_id IS NOT NULL
            AND c.reason <> 'adjustment')) AS warned,
        sum(c.outcome = 'attributed' AND a.retracted IS NOT 1) AS attributed
    FROM conversions c JOIN fires f USING (seq) LEFT JOIN adjusted a USING (seq)
    WHERE c.reason NOT IN ('test', 'bot', 'prefetch') GROUP BY 1, 2
)
SELECT c.hour FROM counted c LEFT JOIN pixels_hourly h USING (pixel_id, hour)
WHERE (h.loads, h.warned, h.attributed) IS NOT (c.loads, c.warned, c.attributed)
UNION ALL
SELECT h.hour FROM pixels_hourly h LEFT JOIN counted c USING (pixel_id, hour) WHERE c.loads IS NULL
