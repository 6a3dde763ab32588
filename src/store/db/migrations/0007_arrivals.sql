-- What an arrival from an ad carried. It has line_item_id, publisher_id and tracker_id 0: the judge decides who gets it.
ALTER TABLE exposures ADD COLUMN advertiser_id INTEGER; -- of an arrival; null for a tracker's exposure
-- JSON: {"parameters": [[name, value], ...], "click_ids": [[name, value or null], ...], "referrer_host": text, "named": seq}
ALTER TABLE exposures ADD COLUMN arrival TEXT;
ALTER TABLE fires ADD COLUMN click_ids TEXT; -- JSON: [[name, value or null], ...]
