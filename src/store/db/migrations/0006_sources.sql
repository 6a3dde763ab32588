-- An advertiser's rules that say which ad an arrival came from, in the order of position, then id.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    code TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    position INTEGER NOT NULL,
    match TEXT NOT NULL, -- JSON: {"click_id": [...], "utm_medium": [...], ...}, as the API has it
    line_item_id INTEGER NOT NULL REFERENCES line_items (id),
    publisher_id INTEGER REFERENCES publishers (id),
    campaign_id INTEGER REFERENCES campaigns (id),
    campaign_by TEXT, -- the parameter with a campaign's code
    makes_campaigns INTEGER NOT NULL, -- whether an unknown code makes a campaign
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, code)
);
CREATE INDEX sources_modified ON sources (last_modified);
CREATE INDEX sources_advertiser ON sources (advertiser_id, position);
CREATE INDEX sources_line_item ON sources (line_item_id);
CREATE INDEX sources_publisher ON sources (publisher_id);
CREATE INDEX sources_campaign ON sources (campaign_id);

-- What of a source decides arrivals. A version is in force from its seq on; `deleted` ends the source. Part of the log.
CREATE TABLE source_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    match TEXT NOT NULL,
    line_item_id INTEGER NOT NULL,
    publisher_id INTEGER,
    campaign_id INTEGER,
    campaign_by TEXT
);
CREATE INDEX source_versions_source ON source_versions (source_id, seq);

-- The codes of campaigns, by which a source finds the campaign of an arrival. Part of the log. The campaigns of before have no
-- place in the log: each is in force from its start on, under a number below 0. Those of a deleted advertiser are not ended:
-- none of its sources is left to ask for them.
CREATE TABLE campaign_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    code TEXT,
    deleted INTEGER NOT NULL
);
CREATE INDEX campaign_versions_campaign ON campaign_versions (campaign_id, seq);
INSERT INTO campaign_versions (seq, at, campaign_id, advertiser_id, line_item_id, code, deleted)
    SELECT -id, created_on, id, advertiser_id, line_item_id, code, 0 FROM campaigns WHERE code IS NOT NULL;
