-- Quarter hours whose sums of exposures are not those of the judged exposures themselves, in either direction.
WITH
summed AS MATERIALIZED (
    SELECT
        at - ((at % 900000) + 900000) % 900000 AS quarter, line_item_id, coalesce(campaign_id, 0) AS campaign_id,
        publisher_id, sum(kind = 1) AS imps, sum(kind = 2) AS clicks,
        sum(coalesce(ancost, 0) / 1000000000) AS cost_thousands, sum(coalesce(ancost, 0) % 1000000000) AS cost_micros
    FROM exposures
    WHERE flags & 7 = 0 AND seq <= (SELECT seq FROM judge_cursor)
    GROUP BY 1, 2, 3, 4
)
SELECT s.quarter
FROM summed s
LEFT JOIN exposures_quarters h USING (quarter, line_item_id, campaign_id, publisher_id)
WHERE (h.imps, h.clicks, h.cost_thousands, h.cost_micros) IS NOT (s.imps, s.clicks, s.cost_thousands, s.cost_micros)
UNION ALL
SELECT h.quarter
FROM exposures_quarters h
LEFT JOIN summed s USING (quarter, line_item_id, campaign_id, publisher_id)
WHERE s.imps IS NULL
