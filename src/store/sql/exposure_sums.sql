-- Hours whose sums of exposures are not those of the judged exposures themselves, in either direction.
WITH
summed AS MATERIALIZED (
    SELECT
        at - ((at % 3600000) + 3600000) % 3600000 AS hour, line_item_id, coalesce(campaign_id, 0) AS campaign_id,
        publisher_id, sum(kind = 1) AS imps, sum(kind = 2) AS clicks,
        sum(coalesce(ancost, 0) / 1000000000) AS cost_thousands, sum(coalesce(ancost, 0) % 1000000000) AS cost_micros
    FROM exposures
    WHERE flags & 7 = 0 AND seq <= (SELECT seq FROM judge_cursor)
    GROUP BY 1, 2, 3, 4
)
SELECT s.hour
FROM summed s
LEFT JOIN exposures_hourly h USING (hour, line_item_id, campaign_id, publisher_id)
WHERE (h.imps, h.clicks, h.cost_thousands, h.cost_micros) IS NOT (s.imps, s.clicks, s.cost_thousands, s.cost_micros)
UNION ALL
SELECT h.hour
FROM exposures_hourly h
LEFT JOIN summed s USING (hour, line_item_id, campaign_id, publisher_id)
WHERE s.imps IS NULL
