-- How far *Set up tracking* has come for an advertiser.
CREATE TABLE tracking_setups (
    advertiser_id INTEGER PRIMARY KEY REFERENCES advertisers (id) ON DELETE CASCADE,
    site TEXT NOT NULL, -- the shop's address, such as https://shop.example
    goal TEXT NOT NULL, -- what it counts
    pixel_id INTEGER NOT NULL,
    shop_system TEXT, -- null until it is chosen
    is_hidden INTEGER NOT NULL, -- whether somebody hid the list of steps
    start_seq INTEGER NOT NULL, -- the log's next number when the set-up began
    created_on INTEGER NOT NULL
);

-- The kinds of advertising that it covers, each with the line item that gets the credit.
CREATE TABLE tracking_channels (
    advertiser_id INTEGER NOT NULL REFERENCES tracking_setups (advertiser_id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    line_item_id INTEGER NOT NULL REFERENCES line_items (id) ON DELETE CASCADE,
    PRIMARY KEY (advertiser_id, channel)
) WITHOUT ROWID;

-- Where each advertiser's site tag was loaded. pixeld writes a row at most once in ten minutes: it only shows that the tag works.
CREATE TABLE site_tag_loads (
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id) ON DELETE CASCADE,
    host TEXT NOT NULL, -- of the page; empty if the browser did not say
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    user_agent TEXT, -- of the first load
    PRIMARY KEY (advertiser_id, host)
) WITHOUT ROWID;
