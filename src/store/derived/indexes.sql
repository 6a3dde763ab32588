-- By what people ask for conversions, memberships and click ids. The judge asks for nothing by them: a file in the making gets them
-- at its end, when all rows are there to be sorted at once.
CREATE INDEX conversions_at ON conversions (at, reason);
CREATE INDEX conversions_pixel ON conversions (pixel_id, at, reason);
CREATE INDEX conversions_advertiser ON conversions (advertiser_id, at, reason);
CREATE INDEX conversions_line_item ON conversions (line_item_id, at) WHERE line_item_id IS NOT NULL;
CREATE INDEX conversions_publisher ON conversions (publisher_id, at) WHERE publisher_id IS NOT NULL;
CREATE INDEX conversions_source ON conversions (source_id, at) WHERE source_id IS NOT NULL;
CREATE INDEX conversions_reason ON conversions (reason, at);
CREATE INDEX conversions_warned ON conversions (at) WHERE warned;
CREATE INDEX conversions_visitor ON conversions (visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX conversions_token ON conversions (token_seq) WHERE token_seq IS NOT NULL;
CREATE INDEX memberships_visitor ON memberships (visitor_id);
CREATE INDEX click_ids_hash ON click_ids (hash);
