-- Of a rejected request its method, and what its sender was told: which field was wrong, and how. Earlier rows have
-- neither; what they kept of these two addresses was a body.
ALTER TABLE rejected ADD COLUMN method TEXT NOT NULL DEFAULT '';
ALTER TABLE rejected ADD COLUMN told TEXT NOT NULL DEFAULT '';
UPDATE rejected SET method = 'POST' WHERE path IN ('/conversions', '/adjustments') AND reason <> 'wrong_method';
