-- Hours whose sums of conversions are not those of the conversions themselves, as sent or as they stand after
-- adjustments, in either direction. Kept sums stop at the largest number there is; a float holds whole numbers up to 9e15
-- exactly, greater sums are not compared. Rows whose conversions have all left are empty.
WITH
placed AS (
    SELECT
        c.seq, c.at - ((c.at % 3600000) + 3600000) % 3600000 AS hour, c.pixel_id, c.reason,
        coalesce(c.line_item_id, 0) AS line_item_id, coalesce(c.campaign_id, 0) AS campaign_id,
        coalesce(c.publisher_id, 0) AS publisher_id, c.value, c.currency, c.static_value,
        iif(c.static_value IS NULL, '', coalesce(c.static_currency, '')) AS static_currency,
        f.warnings IS NOT NULL OR (f.parent_reference_id IS NOT NULL
            AND c.reason NOT IN ('adjustment', 'bot', 'prefetch', 'duplicate_event')) AS warned
    FROM conversions c JOIN fires f USING (seq)
    WHERE c.reason <> 'test'
),
sent AS MATERIALIZED (
    SELECT
        hour, pixel_id, reason, line_item_id, campaign_id, publisher_id,
        iif(value IS NULL, '', coalesce(currency, 'XXX')) AS currency, static_currency, count(*) AS fires,
        sum(warned) AS warned, total(value) AS value, total(static_value) AS static_value
    FROM placed GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
net AS MATERIALIZED (
    SELECT
        p.hour, p.pixel_id, p.reason, p.line_item_id, p.campaign_id, p.publisher_id,
        CASE
            WHEN a.seq IS NULL THEN iif(p.value IS NULL, '', coalesce(p.currency, 'XXX'))
            ELSE iif(a.value IS NULL, '', coalesce(a.currency, 'XXX'))
        END AS currency,
        p.static_currency, count(*) AS fires, total(iif(a.seq IS NULL, p.value, a.value)) AS value,
        total(p.static_value) AS static_value
    FROM placed p LEFT JOIN adjusted a USING (seq)
    WHERE a.retracted IS NOT 1 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT s.hour
FROM sent s
LEFT JOIN conversions_hourly h USING (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
WHERE h.fires IS NOT s.fires OR h.warned <> s.warned OR (s.value < 9e15 AND h.value <> s.value)
    OR (s.static_value < 9e15 AND h.static_value <> s.static_value)
UNION ALL
SELECT n.hour
FROM net n
LEFT JOIN conversions_hourly h USING (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
WHERE h.net_fires IS NOT n.fires OR (n.value < 9e15 AND h.net_value <> n.value)
    OR (n.static_value < 9e15 AND h.net_static_value <> n.static_value)
UNION ALL
SELECT h.hour
FROM conversions_hourly h
LEFT JOIN sent s USING (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
WHERE s.fires IS NULL AND h.fires <> 0
UNION ALL
SELECT h.hour
FROM conversions_hourly h
LEFT JOIN net n USING (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
WHERE n.fires IS NULL AND (h.net_fires <> 0 OR h.net_value <> 0 OR h.net_static_value <> 0)
