-- One row per segment and UTC day with loads. A segment that all advertisers share has no advertiser. A deleted segment has
-- the names and the advertiser that it had last. One of which nothing is known has 0, so that no caller limited to an
-- advertiser sees it.
SELECT
    d.segment_id AS row_key, d.day AS sort_key, d.segment_id, coalesce(s.short_name, g.object_name) AS segment_name,
    iif(s.id IS NULL, g.before ->> 'code', s.code) AS segment_code, d.day, d.loads, d.uniques,
    CASE WHEN s.id IS NOT NULL THEN s.advertiser_id WHEN g.id IS NOT NULL THEN g.before ->> 'advertiser_id' ELSE 0 END
        AS advertiser_id,
    coalesce(a.name, (SELECT object_name FROM audit WHERE object_type = 'advertiser' AND action = 'deleted'
        AND object_id = coalesce(s.advertiser_id, g.before ->> 'advertiser_id') ORDER BY id DESC LIMIT 1)) AS advertiser_name,
    coalesce((SELECT id FROM member), 1) AS member_id
FROM segment_loads_daily d
LEFT JOIN segments s ON s.id = d.segment_id
LEFT JOIN audit g ON g.object_type = 'segment' AND g.object_id = d.segment_id AND g.action = 'deleted'
    AND g.id = (SELECT max(id) FROM audit WHERE object_type = 'segment' AND object_id = d.segment_id AND action = 'deleted')
LEFT JOIN advertisers a ON a.id = coalesce(s.advertiser_id, g.before ->> 'advertiser_id')
