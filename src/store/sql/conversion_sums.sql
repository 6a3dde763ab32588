-- Hours whose sums of conversions are not those of the conversions themselves, in either direction. Kept sums stop at
-- the largest number there is; a float holds whole numbers up to 9e15 exactly, greater sums are not compared.
WITH
summed AS MATERIALIZED (
    SELECT
        c.at - ((c.at % 3600000) + 3600000) % 3600000 AS hour, c.pixel_id, c.reason,
        coalesce(c.line_item_id, 0) AS line_item_id, coalesce(c.campaign_id, 0) AS campaign_id,
        coalesce(c.publisher_id, 0) AS publisher_id, iif(c.value IS NULL, '', coalesce(c.currency, '')) AS currency,
        iif(c.static_value IS NULL, '', coalesce(c.static_currency, '')) AS static_currency,
        count(*) AS fires, sum(f.warnings IS NOT NULL) AS warned, total(c.value) AS value,
        total(c.static_value) AS static_value
    FROM conversions c JOIN fires f USING (seq)
    WHERE c.reason <> 'test'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT s.hour
FROM summed s
LEFT JOIN conversions_hourly h USING (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
WHERE h.fires IS NOT s.fires OR h.warned <> s.warned OR (s.value < 9e15 AND h.value <> s.value)
    OR (s.static_value < 9e15 AND h.static_value <> s.static_value)
UNION ALL
SELECT h.hour
FROM conversions_hourly h
LEFT JOIN summed s USING (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
WHERE s.fires IS NULL
