-- One row per attributed conversion as it stands after adjustments, without retracted ones; its columns under the names
-- that the report's table gives. Joins that no chosen column needs are left out by SQLite, since all are LEFT and by key.
SELECT
    c.seq AS row_key, c.at AS sort_key, c.at, c.seq, c.pixel_id, p.name AS pixel_name, c.order_id,
    f.other AS external_data, c.reason, iif(adj.seq IS NULL, c.value, adj.value) AS value,
    iif(adj.seq IS NULL, c.currency, adj.currency) AS currency, c.line_item_id, l.name AS line_item_name, c.campaign_id,
    k.name AS campaign_name, c.creative_id, nullif(c.publisher_id, 0) AS publisher_id, b.name AS publisher_name, c.exposure_at, c.advertiser_id,
    a.name AS advertiser_name, coalesce((SELECT id FROM member), 1) AS member_id, c.exposure_seq, c.visitor_id
FROM conversions c
LEFT JOIN adjusted adj ON adj.seq = c.seq
LEFT JOIN fires f ON f.seq = c.seq
LEFT JOIN pixels p ON p.id = c.pixel_id
LEFT JOIN line_items l ON l.id = c.line_item_id
LEFT JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN publishers b ON b.id = c.publisher_id
LEFT JOIN advertisers a ON a.id = c.advertiser_id
WHERE c.reason IN ('post_click', 'post_view') AND adj.retracted IS NOT 1
