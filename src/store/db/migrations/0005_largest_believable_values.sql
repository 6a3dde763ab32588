-- The largest believable value of one fire of a pixel; null: no bound. A version keeps the currency that the advertiser had.
ALTER TABLE pixels ADD COLUMN max_value INTEGER;
ALTER TABLE pixel_versions ADD COLUMN max_value INTEGER;
ALTER TABLE pixel_versions ADD COLUMN max_value_currency TEXT;
