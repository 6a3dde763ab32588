-- One row per pixel: when it last fired, tests left out.
SELECT
    p.id AS row_key, 0 AS sort_key, p.id AS pixel_id, p.name AS pixel_name, p.advertiser_id, a.name AS advertiser_name,
    coalesce((SELECT id FROM member), 1) AS member_id, t.at AS last_fired
FROM pixels p
LEFT JOIN advertisers a ON a.id = p.advertiser_id
LEFT JOIN pixel_last_fired t ON t.pixel_id = p.id
