-- The schema of the log's file. It has three parts: who may sign in, definitions (what people set up), and the log (what
-- browsers and servers sent, in the order of arrival). `derived/schema.sql` has the tables that pixeld derives from the log.
--
-- Units: times are milliseconds since 1970 in UTC; columns that end in `_mins` or `_minutes` are minutes; money is in
-- millionths of a unit of its currency; booleans are 0 and 1. Enums are stored as the words that the API publishes.

-- People and access -----------------------------------------------------------------------------------------------------

-- The organisation that runs this server: one row, once it has a name.
CREATE TABLE member (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);

-- Who signs in with a password.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the audit log names it, so no id is given twice
    username TEXT NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT NOT NULL, -- argon2id, as a PHC string
    role TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE, -- the only advertiser that the user sees; null: all
    state TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);

-- Signed-in browsers and API clients.
CREATE TABLE sessions (
    secret_hash BLOB PRIMARY KEY, -- SHA-256; the secret itself is kept nowhere
    kind TEXT NOT NULL, -- 'browser' or 'api'; one does not pass for the other
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_on INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);

-- Long-lived API tokens for scripts.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- as for users
    secret_hash BLOB NOT NULL UNIQUE, -- SHA-256; the secret itself is kept nowhere
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE, -- as for users
    created_on INTEGER NOT NULL,
    last_used INTEGER
);
CREATE UNIQUE INDEX tokens_name ON tokens (name COLLATE NOCASE);

-- The server's own keys. A reader of these can forge exposure tokens and names of imported lines.
CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) WITHOUT ROWID;

-- Every change of a definition, written in the transaction of the change. Users go, but their changes stay: so there is no
-- reference to users. No secret or hash of one is written here.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created_on INTEGER NOT NULL,
    user_id INTEGER, -- null for long-lived tokens and the shell
    token_id INTEGER, -- null for users and the shell
    user_name TEXT NOT NULL, -- the user's or token's name at that time
    action TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id INTEGER NOT NULL,
    object_name TEXT NOT NULL, -- at that time
    before TEXT, -- JSON of the row's columns; null if the object was created
    after TEXT -- JSON of the row's columns; null if the object was deleted
);
CREATE INDEX audit_object ON audit (object_type, object_id);
CREATE INDEX audit_created_on ON audit (created_on);
CREATE INDEX audit_user_name ON audit (user_name);

-- Definitions -----------------------------------------------------------------------------------------------------------

-- The brands whose sites carry the pixels.
CREATE TABLE advertisers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    default_currency TEXT NOT NULL,
    timezone TEXT NOT NULL,
    redirect_hosts TEXT NOT NULL, -- the hosts that `redir` may lead to, one a line
    allow_any_redirect INTEGER NOT NULL,
    default_pixel_id INTEGER, -- for Invoca's addresses, which name an advertiser only
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX advertisers_modified ON advertisers (last_modified);

-- Where ads run.
CREATE TABLE publishers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX publishers_modified ON publishers (last_modified);

-- Agreements with an advertiser: which pixels count, and what a conversion is worth.
CREATE TABLE line_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    code TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    start_date INTEGER, -- flight dates and price are notes; attribution ignores them
    end_date INTEGER,
    revenue_type TEXT,
    revenue_value INTEGER,
    currency TEXT, -- of the money in the line item; null: the advertiser's
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, code)
);
CREATE INDEX line_items_modified ON line_items (last_modified);

-- The pixels that count for a line item.
CREATE TABLE line_item_pixels (
    line_item_id INTEGER NOT NULL REFERENCES line_items (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, -- in the line item's list, from 0
    pixel_id INTEGER NOT NULL REFERENCES pixels (id),
    state TEXT NOT NULL,
    post_click_revenue INTEGER, -- the static value of a conversion; null: the pixel's
    post_view_revenue INTEGER,
    PRIMARY KEY (line_item_id, pixel_id)
) WITHOUT ROWID;
CREATE INDEX line_item_pixels_pixel ON line_item_pixels (pixel_id);

-- Parts of a line item, to tell its ads apart.
CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT,
    name TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    line_item_id INTEGER NOT NULL REFERENCES line_items (id),
    state TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, code)
);
CREATE INDEX campaigns_line_item ON campaigns (line_item_id);
CREATE INDEX campaigns_modified ON campaigns (last_modified);

-- Conversion pixels.
CREATE TABLE pixels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    code TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    trigger_type TEXT NOT NULL,
    min_minutes_per_conv INTEGER, -- the repeat rule; null: one conversion per visitor, 0: all, else one in so many
    post_click_expire_mins INTEGER, -- the lookback windows; null or 0: the longest
    post_view_expire_mins INTEGER,
    post_click_value INTEGER, -- the static values, unless the line item has its own
    post_view_value INTEGER,
    pixel_conversion_event_id INTEGER, -- the category
    count_each_order_once INTEGER NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, code)
);
CREATE INDEX pixels_modified ON pixels (last_modified);
CREATE INDEX pixels_name ON pixels (name);
CREATE INDEX pixels_code ON pixels (code);

-- Other pixels that a conversion pixel fires.
CREATE TABLE pixel_piggybacks (
    pixel_id INTEGER NOT NULL REFERENCES pixels (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, -- in the pixel's list, from 0
    pixel_type TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (pixel_id, place)
) WITHOUT ROWID;

-- Tags that report ad views (impression trackers) and ad clicks (click trackers).
CREATE TABLE trackers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, -- 'imptracker' or 'clicktracker'
    code TEXT,
    name TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    state TEXT NOT NULL,
    publisher_id INTEGER NOT NULL REFERENCES publishers (id),
    line_item_id INTEGER NOT NULL REFERENCES line_items (id),
    click_url TEXT, -- the landing page; click trackers only
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, kind, code)
);
CREATE INDEX trackers_modified ON trackers (last_modified);
CREATE INDEX trackers_line_item ON trackers (line_item_id);
CREATE INDEX trackers_publisher ON trackers (publisher_id);

-- Named groups of visitors.
CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT COLLATE NOCASE UNIQUE,
    short_name TEXT NOT NULL,
    description TEXT,
    state TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id), -- null: all advertisers share it
    expire_minutes INTEGER, -- how long a membership lasts; null: 180 days, 0: it is not kept
    max_usersync_pixels INTEGER,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX segments_modified ON segments (last_modified);

-- Other pixels that a segment pixel fires.
CREATE TABLE segment_piggybacks (
    segment_id INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, -- in the segment's list, from 0
    pixel_type TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (segment_id, place)
) WITHOUT ROWID;

-- Report definitions that a user saved under a name.
CREATE TABLE saved_reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE, -- its only advertiser; null: all
    owner TEXT NOT NULL, -- the name at that time of the user who saved it
    definition TEXT NOT NULL, -- the query string of the report's page
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX saved_reports_advertiser ON saved_reports (advertiser_id);

-- Reports that were run. Their rows are in files beside the database.
CREATE TABLE reports (
    id TEXT PRIMARY KEY, -- 32 random hexadecimal digits
    name TEXT NOT NULL,
    advertiser_id INTEGER, -- the only advertiser that its caller sees; null: all
    request TEXT NOT NULL, -- JSON, as it was sent
    format TEXT NOT NULL,
    status TEXT NOT NULL, -- pending, processing, ready, error
    error TEXT,
    row_count INTEGER,
    report_size INTEGER, -- bytes
    created_on INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX reports_created ON reports (created_on);

-- The log ---------------------------------------------------------------------------------------------------------------
-- Rows are only appended. One sequence, `seq`, numbers the rows of fires, exposures, segment_loads, adjustments,
-- rejudgements and the three tables of versions: "logged before" is "smaller seq". The tables of requests have no further
-- index, since each would cost a fifth of the throughput; the judge builds look-ups in the derived file.

-- Requests that loaded a conversion pixel.
CREATE TABLE fires (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL, -- when it happened
    received INTEGER NOT NULL, -- when it arrived here
    pixel_id INTEGER NOT NULL,
    visitor_id INTEGER,
    flags INTEGER NOT NULL, -- a sum of 1 test, 2 bot, 4 prefetch, 8 new visitor
    tag INTEGER NOT NULL, -- as the API publishes `t`: 1 script, 2 image; 3 beacon, 4 server, 5 postback, 6 Invoca, 7 import
    order_id TEXT,
    value INTEGER, -- the dynamic value
    currency TEXT,
    other TEXT,
    event_id TEXT,
    exposure_seq INTEGER, -- the exposure that a token names
    warnings TEXT, -- JSON: [[parameter, raw value, rule], ...]
    query TEXT NOT NULL, -- as it was sent
    referer TEXT,
    user_agent TEXT,
    ip TEXT,
    -- Most fires lack the columns from here on. They are last because nulls at the end of a row cost a byte each.
    segments TEXT, -- comma-separated: 12192 add, 12304:5 add with a value, -23145 remove
    content_ids TEXT, -- JSON array of texts
    num_items INTEGER,
    reason_code TEXT,
    reference_id TEXT,
    parent_reference_id TEXT,
    consent TEXT, -- gdpr=1&gdpr_consent=...&us_privacy=...&gpp=...
    hashed_email TEXT
);

-- Ad views and ad clicks.
CREATE TABLE exposures (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 1 impression, 2 click
    tracker_id INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    campaign_id INTEGER,
    creative_id INTEGER,
    visitor_id INTEGER,
    flags INTEGER NOT NULL, -- as in fires
    ancost INTEGER, -- what the ad cost
    imp_seq INTEGER, -- of a click: the impression that was clicked
    imp_at INTEGER,
    warnings TEXT, -- as in fires
    query TEXT NOT NULL,
    referer TEXT,
    user_agent TEXT,
    ip TEXT
);

-- Requests that loaded a segment pixel.
CREATE TABLE segment_loads (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    visitor_id INTEGER,
    flags INTEGER NOT NULL, -- as in fires
    tag INTEGER NOT NULL, -- as in fires
    segments TEXT, -- as in fires
    warnings TEXT, -- as in fires
    query TEXT NOT NULL,
    referer TEXT,
    user_agent TEXT,
    ip TEXT
);

-- Later corrections of conversions. Exactly one of order_id, event_id and reference_id names the conversions.
CREATE TABLE adjustments (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    received INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    pixel_id INTEGER, -- null: every pixel of the advertiser
    order_id TEXT,
    event_id TEXT,
    reference_id TEXT,
    kind TEXT NOT NULL, -- 'retract' or 'restate'
    value INTEGER, -- of 'restate': the new value
    currency TEXT,
    reason_code TEXT,
    source TEXT NOT NULL
);

-- The settings of pixels that decide outcomes. A version is in force from its seq on; `deleted` ends the pixel.
CREATE TABLE pixel_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    trigger_type TEXT NOT NULL,
    min_minutes_per_conv INTEGER, -- these columns as in pixels
    post_click_expire_mins INTEGER,
    post_view_expire_mins INTEGER,
    count_each_order_once INTEGER NOT NULL,
    post_click_value INTEGER,
    post_view_value INTEGER
);
CREATE INDEX pixel_versions_pixel ON pixel_versions (pixel_id, seq);

-- The same for line items.
CREATE TABLE line_item_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL
);
CREATE INDEX line_item_versions_line_item ON line_item_versions (line_item_id, seq);

-- The pixels of a version of a line item.
CREATE TABLE line_item_version_pixels (
    version_seq INTEGER NOT NULL REFERENCES line_item_versions (seq),
    pixel_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    post_click_revenue INTEGER, -- as in line_item_pixels
    post_view_revenue INTEGER,
    PRIMARY KEY (version_seq, pixel_id)
) WITHOUT ROWID;
CREATE INDEX line_item_version_pixels_pixel ON line_item_version_pixels (pixel_id);

-- The same for segments.
CREATE TABLE segment_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    segment_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    expire_minutes INTEGER -- as in segments
);
CREATE INDEX segment_versions_segment ON segment_versions (segment_id, seq);

-- Decisions to judge fires again: those that were logged up to a place, and happened at from_at or later. They are judged by
-- the settings in force at that place, or with the exposures logged up to it. Each was written when the derived file that
-- applies it became the current one.
CREATE TABLE rejudgements (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    upto INTEGER NOT NULL, -- a seq
    from_at INTEGER NOT NULL,
    settings INTEGER NOT NULL, -- whether the settings at `upto` apply
    exposures INTEGER NOT NULL -- whether the exposures up to `upto` count
);

-- The lines that `pixeld import` appended, so that it appends none twice. Each is written in the transaction of its row, and
-- nothing else can restore it.
CREATE TABLE imported (
    mark BLOB PRIMARY KEY, -- a keyed hash of the line's id, or of the whole line
    seq INTEGER NOT NULL -- the line's row
) WITHOUT ROWID;

-- Requests that were rejected. Only so many an hour are kept, so that junk cannot fill the disk.
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    query TEXT NOT NULL, -- or the body, of a POST
    referer TEXT,
    ip TEXT,
    method TEXT NOT NULL,
    told TEXT NOT NULL -- what the answer said: which field was wrong, and how
);

-- How many requests were rejected, by hour and reason.
CREATE TABLE rejected_hours (
    hour INTEGER NOT NULL, -- its first millisecond
    reason TEXT NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (hour, reason)
) WITHOUT ROWID;

-- The derived file ------------------------------------------------------------------------------------------------------

-- Which log this is, and which derived file is the current one: derived-<generation>.sqlite3. One row.
CREATE TABLE derived_file (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    log_id INTEGER NOT NULL, -- random; the derived file has it too
    generation INTEGER NOT NULL, -- 0: there was none yet
    written_in TEXT -- the machine's boot id while a judge writes the file without syncs; null: all of it is synced
);
INSERT INTO derived_file (only, log_id, generation) VALUES (1, random(), 0);
