-- Quarter hours whose loads of a pixel are not those of its conversions, in either direction. A load is a fire that is
-- no test, bot or prefetch; one that was retracted is attributed no more.
WITH counted AS MATERIALIZED (
    SELECT
        c.pixel_id, c.at - ((c.at % 900000) + 900000) % 900000 AS quarter, count(*) AS loads,
        sum(f.warnings IS NOT NULL OR c.max_value IS NOT NULL OR (f.parent_reference_id IS NOT NULL
            AND c.reason <> 'adjustment')) AS warned,
        sum(c.outcome = 'attributed' AND a.retracted IS NOT 1) AS attributed,
        sum(c.outcome = 'unattributed') AS unattributed,
        -- Images, scripts, beacons and Invoca's addresses are sent by browsers.
        sum(f.tag IN (1, 2, 3, 6)) AS browsers,
        sum(f.tag IN (1, 2, 3, 6) AND f.flags & 8 <> 0 AND f.exposure_seq IS NULL) AS without_cookie,
        sum(f.tag IN (1, 2, 3, 6) AND f.visitor_id IS NULL AND f.exposure_seq IS NULL) AS private
    FROM conversions c JOIN fires f USING (seq) LEFT JOIN adjusted a USING (seq)
    WHERE c.reason NOT IN ('test', 'bot', 'prefetch') GROUP BY 1, 2
)
SELECT c.quarter FROM counted c LEFT JOIN pixels_quarters h USING (pixel_id, quarter)
WHERE (h.loads, h.warned, h.attributed, h.unattributed, h.browsers, h.without_cookie, h.private)
    IS NOT (c.loads, c.warned, c.attributed, c.unattributed, c.browsers, c.without_cookie, c.private)
UNION ALL
SELECT h.quarter FROM pixels_quarters h LEFT JOIN counted c USING (pixel_id, quarter) WHERE c.loads IS NULL
