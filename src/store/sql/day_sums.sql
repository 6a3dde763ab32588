-- UTC days whose sums are not those of their quarter hours, in either direction.
WITH
credited AS (
    SELECT
        quarter - ((quarter % 86400000) + 86400000) % 86400000 AS day, advertiser_id, pixel_id, reason, line_item_id, campaign_id,
        publisher_id, source_id, tracker_id, currency, static_currency, sum(net_fires), sum(net_value_thousands),
        sum(net_value_micros), sum(net_static_value_thousands), sum(net_static_value_micros)
    FROM conversions_quarters WHERE line_item_id <> 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
),
shown AS (
    SELECT
        quarter - ((quarter % 86400000) + 86400000) % 86400000 AS day, advertiser_id, line_item_id, campaign_id, publisher_id,
        source_id, tracker_id, currency, sum(imps), sum(clicks), sum(costs), sum(cost_thousands), sum(cost_micros)
    FROM exposures_quarters GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT day FROM (SELECT * FROM credited EXCEPT SELECT * FROM credited_days)
UNION ALL SELECT day FROM (SELECT * FROM credited_days EXCEPT SELECT * FROM credited)
UNION ALL SELECT day FROM (SELECT * FROM shown EXCEPT SELECT * FROM exposures_days)
UNION ALL SELECT day FROM (SELECT * FROM exposures_days EXCEPT SELECT * FROM shown)
