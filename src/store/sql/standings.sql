-- Conversions whose current value is not that of their adjustments: the last value, and the last currency, that came
-- before a retraction. Conversions that keep the value of an adjusted duplicate are left out.
WITH
asked AS NOT MATERIALIZED (
    SELECT
        e.conversion_seq, e.adjustment_seq, e.effect, iif(j.seq IS NULL, f.value, j.value) AS value,
        iif(j.seq IS NULL, iif(f.value IS NULL, NULL, f.currency), j.currency) AS currency
    FROM adjustment_effects e
    LEFT JOIN adjustments j ON j.seq = e.adjustment_seq LEFT JOIN fires f ON f.seq = e.adjustment_seq
)
SELECT c.seq
FROM conversions c JOIN adjusted a USING (seq)
WHERE NOT EXISTS (SELECT 1 FROM conversions d JOIN adjusted x ON x.seq = d.seq WHERE d.duplicate_of = c.seq)
    AND (a.retracted <> EXISTS (SELECT 1 FROM asked e WHERE e.conversion_seq = c.seq AND e.effect = 'retracted')
    OR a.value IS NOT coalesce((SELECT e.value FROM asked e WHERE e.conversion_seq = c.seq AND e.effect = 'restated'
            AND e.value IS NOT NULL ORDER BY e.adjustment_seq DESC LIMIT 1), c.value)
    OR a.currency IS NOT coalesce((SELECT e.currency FROM asked e WHERE e.conversion_seq = c.seq
            AND e.effect = 'restated' AND e.currency IS NOT NULL ORDER BY e.adjustment_seq DESC LIMIT 1), c.currency)
    OR NOT EXISTS (SELECT 1 FROM asked e WHERE e.conversion_seq = c.seq AND e.effect IN ('retracted', 'restated')))
UNION ALL
SELECT a.seq FROM adjusted a LEFT JOIN conversions c USING (seq) WHERE c.seq IS NULL
UNION ALL
SELECT e.conversion_seq FROM adjustment_effects e LEFT JOIN adjusted a ON a.seq = e.conversion_seq
WHERE a.seq IS NULL AND e.effect IN ('retracted', 'restated')
