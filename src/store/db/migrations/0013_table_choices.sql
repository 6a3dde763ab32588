-- What people chose for a table that they imported, to propose it for the next one of the same header.
CREATE TABLE table_choices (
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, -- of the table: 'costs'
    header TEXT NOT NULL, -- SHA-256 of the names of its columns
    choices TEXT NOT NULL, -- as the page's form sends them
    used_at INTEGER NOT NULL,
    PRIMARY KEY (advertiser_id, kind, header)
) WITHOUT ROWID;

-- The line items that campaigns of imported files were given to.
CREATE TABLE cost_names (
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id) ON DELETE CASCADE,
    profile TEXT NOT NULL, -- the kind of the file, such as 'google_ads'
    account TEXT NOT NULL, -- at the ad platform; empty for none
    name TEXT NOT NULL, -- of the campaign in the file
    line_item_id INTEGER REFERENCES line_items (id) ON DELETE CASCADE, -- null if the campaign is left out
    used_at INTEGER NOT NULL,
    PRIMARY KEY (advertiser_id, profile, account, name)
) WITHOUT ROWID;
