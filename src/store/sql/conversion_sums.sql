-- Quarter hours whose sums of conversions are not those of the conversions themselves, as sent or after adjustments, in
-- either direction. A row whose conversions have all left is empty.
WITH
placed AS (
    SELECT
        c.seq, c.at - ((c.at % 900000) + 900000) % 900000 AS quarter, c.pixel_id, c.reason,
        coalesce(c.line_item_id, 0) AS line_item_id, coalesce(c.campaign_id, 0) AS campaign_id,
        coalesce(c.publisher_id, 0) AS publisher_id, coalesce(c.source_id, 0) AS source_id,
        coalesce(c.tracker_id, 0) AS tracker_id, c.value, c.currency, c.static_value,
        coalesce(c.static_currency, '') AS static_currency,
        f.warnings IS NOT NULL OR c.max_value IS NOT NULL OR (f.parent_reference_id IS NOT NULL
            AND c.reason NOT IN ('adjustment', 'bot', 'prefetch')) AS warned
    FROM conversions c JOIN fires f USING (seq)
    WHERE c.reason <> 'test'
),
sent AS MATERIALIZED (
    SELECT
        quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id,
        iif(value IS NULL, '', coalesce(currency, 'XXX')) AS currency, static_currency, count(*) AS fires,
        sum(warned) AS warned, sum(coalesce(value, 0) / 1000000000) AS value_thousands,
        sum(coalesce(value, 0) % 1000000000) AS value_micros,
        sum(coalesce(static_value, 0) / 1000000000) AS static_value_thousands,
        sum(coalesce(static_value, 0) % 1000000000) AS static_value_micros
    FROM placed GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),
net AS MATERIALIZED (
    SELECT
        p.quarter, p.pixel_id, p.reason, p.line_item_id, p.campaign_id, p.publisher_id, p.source_id, p.tracker_id,
        CASE
            WHEN a.seq IS NULL THEN iif(p.value IS NULL, '', coalesce(p.currency, 'XXX'))
            ELSE iif(a.value IS NULL, '', coalesce(a.currency, 'XXX'))
        END AS currency,
        p.static_currency, count(*) AS fires,
        sum(coalesce(iif(a.seq IS NULL, p.value, a.value), 0) / 1000000000) AS value_thousands,
        sum(coalesce(iif(a.seq IS NULL, p.value, a.value), 0) % 1000000000) AS value_micros,
        sum(coalesce(p.static_value, 0) / 1000000000) AS static_value_thousands,
        sum(coalesce(p.static_value, 0) % 1000000000) AS static_value_micros
    FROM placed p LEFT JOIN adjusted a USING (seq)
    WHERE a.retracted IS NOT 1 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)
SELECT s.quarter
FROM sent s
LEFT JOIN conversions_quarters h
    USING (quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency, static_currency)
WHERE (h.fires, h.warned, h.value_thousands, h.value_micros, h.static_value_thousands, h.static_value_micros)
    IS NOT (s.fires, s.warned, s.value_thousands, s.value_micros, s.static_value_thousands, s.static_value_micros)
UNION ALL
SELECT n.quarter
FROM net n
LEFT JOIN conversions_quarters h
    USING (quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency, static_currency)
WHERE (h.net_fires, h.net_value_thousands, h.net_value_micros, h.net_static_value_thousands, h.net_static_value_micros)
    IS NOT (n.fires, n.value_thousands, n.value_micros, n.static_value_thousands, n.static_value_micros)
UNION ALL
SELECT h.quarter
FROM conversions_quarters h
LEFT JOIN sent s
    USING (quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency, static_currency)
WHERE s.fires IS NULL
    AND (h.fires, h.warned, h.value_thousands, h.value_micros, h.static_value_thousands, h.static_value_micros)
        <> (0, 0, 0, 0, 0, 0)
UNION ALL
SELECT h.quarter
FROM conversions_quarters h
LEFT JOIN net n
    USING (quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency, static_currency)
WHERE n.fires IS NULL
    AND (h.net_fires, h.net_value_thousands, h.net_value_micros, h.net_static_value_thousands,
            h.net_static_value_micros) <> (0, 0, 0, 0, 0)
