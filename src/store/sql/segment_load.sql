-- One row per segment and UTC day with loads. A segment that all advertisers share has no advertiser; one that is gone
-- has 0, so that nobody limited to an advertiser is shown it.
SELECT
    d.segment_id AS row_key, d.day AS sort_key, d.segment_id, s.short_name AS segment_name, s.code AS segment_code,
    d.day, d.loads, d.uniques, iif(s.id IS NULL, 0, s.advertiser_id) AS advertiser_id, a.name AS advertiser_name,
    coalesce((SELECT id FROM member), 1) AS member_id
FROM segment_loads_daily d
LEFT JOIN segments s ON s.id = d.segment_id
LEFT JOIN advertisers a ON a.id = s.advertiser_id
