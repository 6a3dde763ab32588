-- One row per attributed conversion, with its value after adjustments; its columns under the names that the report's table
-- gives. Joins that no chosen column needs are left out by SQLite, since all are LEFT and by key. A deleted object has the
-- name that it had last.
SELECT
    c.seq AS row_key, c.at AS sort_key, c.at, c.seq, c.pixel_id,
    coalesce(p.name, (SELECT object_name FROM audit WHERE object_type = 'pixel' AND object_id = c.pixel_id
        AND action = 'deleted' ORDER BY id DESC LIMIT 1)) AS pixel_name,
    c.order_id, f.other AS external_data, c.reason, iif(adj.seq IS NULL, c.value, adj.value) AS value,
    iif(adj.seq IS NULL, c.currency, adj.currency) AS currency, c.value AS sent_value, c.currency AS sent_currency,
    iif(adj.retracted IS 1, 'true', 'false') AS retracted, c.line_item_id,
    coalesce(l.name, (SELECT object_name FROM audit WHERE object_type = 'line-item' AND object_id = c.line_item_id
        AND action = 'deleted' ORDER BY id DESC LIMIT 1)) AS line_item_name,
    c.campaign_id,
    coalesce(k.name, (SELECT object_name FROM audit WHERE object_type = 'campaign' AND object_id = c.campaign_id
        AND action = 'deleted' ORDER BY id DESC LIMIT 1)) AS campaign_name,
    c.creative_id, nullif(c.publisher_id, 0) AS publisher_id,
    coalesce(b.name, (SELECT object_name FROM audit WHERE object_type = 'publisher' AND object_id = c.publisher_id
        AND action = 'deleted' ORDER BY id DESC LIMIT 1)) AS publisher_name,
    c.source_id,
    coalesce(s.name, (SELECT object_name FROM audit WHERE object_type = 'source' AND object_id = c.source_id
        AND action = 'deleted' ORDER BY id DESC LIMIT 1)) AS source_name,
    c.exposure_at, c.advertiser_id,
    coalesce(a.name, (SELECT object_name FROM audit WHERE object_type = 'advertiser' AND object_id = c.advertiser_id
        AND action = 'deleted' ORDER BY id DESC LIMIT 1)) AS advertiser_name,
    coalesce((SELECT id FROM member), 1) AS member_id, c.exposure_seq, c.visitor_id
FROM conversions c
LEFT JOIN adjusted adj ON adj.seq = c.seq
LEFT JOIN fires f ON f.seq = c.seq
LEFT JOIN pixels p ON p.id = c.pixel_id
LEFT JOIN line_items l ON l.id = c.line_item_id
LEFT JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN publishers b ON b.id = c.publisher_id
LEFT JOIN sources s ON s.id = c.source_id
LEFT JOIN advertisers a ON a.id = c.advertiser_id
-- With + not by the index of reasons, which has no order of time among several.
WHERE +c.reason IN ('post_click', 'post_view')
