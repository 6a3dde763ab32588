-- Quarter hours whose sums of exposures are not those of the judged exposures themselves, in either direction. A line
-- item's version before the exposure tells the currency and the advertiser. An arrival counts as what it was judged to be.
WITH
placed AS (
    SELECT
        e.at - ((e.at % 900000) + 900000) % 900000 AS quarter, e.line_item_id,
        coalesce(e.campaign_id, 0) AS campaign_id, e.publisher_id, 0 AS source_id, e.tracker_id, e.kind, e.ancost,
        (SELECT max(v.seq) FROM line_item_versions v WHERE v.line_item_id = e.line_item_id AND v.seq < e.seq) AS version
    FROM exposures e
    WHERE e.flags & 7 = 0 AND e.seq <= (SELECT seq FROM judge_cursor) AND e.advertiser_id IS NULL
    UNION ALL
    SELECT
        e.at - ((e.at % 900000) + 900000) % 900000, a.line_item_id, coalesce(a.campaign_id, 0), a.publisher_id,
        a.source_id, e.tracker_id, e.kind, e.ancost, a.line_item_version
    FROM arrivals a JOIN exposures e USING (seq)
    WHERE e.flags & 7 = 0 AND a.fate = 'click'
),
summed AS MATERIALIZED (
    SELECT
        p.quarter, p.line_item_id, p.campaign_id, p.publisher_id, p.source_id, p.tracker_id,
        coalesce(v.currency, 'XXX') AS currency, coalesce(max(v.advertiser_id), 0) AS advertiser_id,
        sum(p.kind = 1) AS imps, sum(p.kind = 2) AS clicks, count(p.ancost) AS costs,
        sum(coalesce(p.ancost, 0) / 1000000000) AS cost_thousands,
        sum(coalesce(p.ancost, 0) % 1000000000) AS cost_micros
    FROM placed p LEFT JOIN line_item_versions v ON v.seq = p.version
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT s.quarter
FROM summed s
LEFT JOIN exposures_quarters h USING (quarter, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency)
WHERE (h.advertiser_id, h.imps, h.clicks, h.costs, h.cost_thousands, h.cost_micros)
    IS NOT (s.advertiser_id, s.imps, s.clicks, s.costs, s.cost_thousands, s.cost_micros)
UNION ALL
SELECT h.quarter
FROM exposures_quarters h
LEFT JOIN summed s USING (quarter, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency)
WHERE s.imps IS NULL
