-- Each version of a line item names its advertiser, as those of pixels do: sums of its exposures keep it after the deletion.
-- A line item never changes its advertiser. Of a deleted one the audit log knows it.
ALTER TABLE line_item_versions ADD COLUMN advertiser_id INTEGER NOT NULL DEFAULT 0;
UPDATE line_item_versions SET advertiser_id = coalesce(
    (SELECT l.advertiser_id FROM line_items l WHERE l.id = line_item_id),
    (SELECT json_extract(a.before, '$.advertiser_id') FROM audit a
        WHERE a.object_type = 'line-item' AND a.object_id = line_item_id AND a.action = 'deleted'),
    0);
