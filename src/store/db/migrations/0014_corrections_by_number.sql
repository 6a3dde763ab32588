-- An adjustment may name a conversion by its number.
ALTER TABLE adjustments ADD COLUMN conversion_seq INTEGER;
