-- The first schema. Two parts: definitions (what people set up) and the log (what browsers sent; append-only, without
-- secondary indexes). What the judge makes of the log stands in a file of its own (derived/schema.sql).
-- Times are UTC milliseconds, money is millionths of a unit, codes of enums are the published words.

-- Which log this is, and which file beside this one holds what is derived from it: derived-<generation>.sqlite3. None
-- was made yet where that is 0.
CREATE TABLE derived_file (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    log_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    -- The run of the machine in which it is being written, or was when the power went; none once all of it is synced.
    written_in TEXT
);
INSERT INTO derived_file VALUES (1, random(), 0, NULL);

-- Definitions ---------------------------------------------------------------------------------------------------

CREATE TABLE member (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);

-- Signed-in browsers and API logins. Only the SHA-256 of the secret is kept.
CREATE TABLE sessions (
    secret_hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL, -- 'browser' or 'api': neither passes for the other
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_on INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);

-- Long-lived API tokens. Only the SHA-256 of the secret is kept.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE,
    created_on INTEGER NOT NULL,
    last_used INTEGER
);

-- Keys that only this server holds. Whoever reads them can forge what they sign.
CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE advertisers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    default_currency TEXT NOT NULL,
    timezone TEXT NOT NULL,
    redirect_hosts TEXT NOT NULL, -- one host a line
    allow_any_redirect INTEGER NOT NULL,
    default_pixel_id INTEGER,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX advertisers_modified ON advertisers (last_modified);

CREATE TABLE publishers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX publishers_modified ON publishers (last_modified);

CREATE TABLE line_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    code TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    start_date INTEGER,
    end_date INTEGER,
    revenue_type TEXT,
    revenue_value INTEGER,
    currency TEXT,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, code)
);
CREATE INDEX line_items_modified ON line_items (last_modified);

CREATE TABLE line_item_pixels (
    line_item_id INTEGER NOT NULL REFERENCES line_items (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL REFERENCES pixels (id),
    state TEXT NOT NULL,
    post_click_revenue INTEGER,
    post_view_revenue INTEGER,
    PRIMARY KEY (line_item_id, pixel_id)
) WITHOUT ROWID;
CREATE INDEX line_item_pixels_pixel ON line_item_pixels (pixel_id);

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

CREATE TABLE pixels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    code TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    trigger_type TEXT NOT NULL,
    min_minutes_per_conv INTEGER,
    post_click_expire_mins INTEGER,
    post_view_expire_mins INTEGER,
    post_click_value INTEGER,
    post_view_value INTEGER,
    pixel_conversion_event_id INTEGER,
    count_each_order_once INTEGER NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, code)
);
CREATE INDEX pixels_modified ON pixels (last_modified);
CREATE INDEX pixels_name ON pixels (name);
CREATE INDEX pixels_code ON pixels (code);

CREATE TABLE pixel_piggybacks (
    pixel_id INTEGER NOT NULL REFERENCES pixels (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    pixel_type TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (pixel_id, place)
) WITHOUT ROWID;

CREATE TABLE trackers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, -- 'imptracker' or 'clicktracker'
    code TEXT,
    name TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL REFERENCES advertisers (id),
    state TEXT NOT NULL,
    publisher_id INTEGER NOT NULL REFERENCES publishers (id),
    line_item_id INTEGER NOT NULL REFERENCES line_items (id),
    click_url TEXT,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    UNIQUE (advertiser_id, kind, code)
);
CREATE INDEX trackers_modified ON trackers (last_modified);
CREATE INDEX trackers_line_item ON trackers (line_item_id);
CREATE INDEX trackers_publisher ON trackers (publisher_id);

CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT COLLATE NOCASE UNIQUE,
    short_name TEXT NOT NULL,
    description TEXT,
    state TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id),
    expire_minutes INTEGER,
    max_usersync_pixels INTEGER,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX segments_modified ON segments (last_modified);

CREATE TABLE segment_piggybacks (
    segment_id INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    pixel_type TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (segment_id, place)
) WITHOUT ROWID;

-- Reports that were run. The rows themselves stand in files beside the database.
CREATE TABLE reports (
    id TEXT PRIMARY KEY, -- 32 random hexadecimal digits
    name TEXT NOT NULL,
    advertiser_id INTEGER, -- the only advertiser that whoever ran it may see; null: all
    request TEXT NOT NULL, -- JSON, as it was sent
    format TEXT NOT NULL,
    status TEXT NOT NULL, -- pending, processing, ready, error
    error TEXT,
    row_count INTEGER,
    report_size INTEGER,
    created_on INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX reports_created ON reports (created_on);

-- The log ---------------------------------------------------------------------------------------------------------
-- One sequence (seq) numbers fires, exposures, loads of segments, adjustments and versions of definitions alike. No
-- secondary index: each would cost a fifth of the throughput; the judge builds look-ups from it.

CREATE TABLE fires (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    received INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    visitor_id INTEGER,
    flags INTEGER NOT NULL,
    tag INTEGER NOT NULL, -- as published for `t`: 1 script, 2 image; 3 beacon, 4 server, 5 postback, 6 Invoca's, 7 import
    order_id TEXT,
    value INTEGER,
    currency TEXT,
    other TEXT,
    event_id TEXT,
    exposure_seq INTEGER,
    warnings TEXT, -- JSON [[parameter, raw, rule], ...]
    query TEXT NOT NULL,
    referer TEXT,
    user_agent TEXT,
    ip TEXT,
    -- What most fires do not carry stands last: nulls at a row's end cost a byte each.
    segments TEXT, -- comma-separated: 12192 add, 12304:5 add with a value, -23145 remove
    content_ids TEXT, -- JSON array of texts
    num_items INTEGER,
    reason_code TEXT,
    reference_id TEXT,
    parent_reference_id TEXT,
    consent TEXT, -- gdpr=1&gdpr_consent=...&us_privacy=...&gpp=...
    hashed_email TEXT
);

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
    flags INTEGER NOT NULL,
    ancost INTEGER,
    imp_seq INTEGER,
    imp_at INTEGER,
    warnings TEXT,
    query TEXT NOT NULL,
    referer TEXT,
    user_agent TEXT,
    ip TEXT
);

-- Loads of the segment pixel.
CREATE TABLE segment_loads (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    visitor_id INTEGER,
    flags INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    segments TEXT, -- as in fires
    warnings TEXT,
    query TEXT NOT NULL,
    referer TEXT,
    user_agent TEXT,
    ip TEXT
);

-- What was said later of conversions. Exactly one of order_id, event_id and reference_id names them.
CREATE TABLE adjustments (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    received INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    pixel_id INTEGER, -- none: every pixel of the advertiser
    order_id TEXT,
    event_id TEXT,
    reference_id TEXT,
    kind TEXT NOT NULL, -- 'retract' or 'restate'
    value INTEGER, -- restate's
    currency TEXT,
    reason_code TEXT,
    source TEXT NOT NULL
);

-- What decides outcomes is versioned; a version is in force from its seq on. `deleted` ends an object.
CREATE TABLE pixel_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    trigger_type TEXT NOT NULL,
    min_minutes_per_conv INTEGER,
    post_click_expire_mins INTEGER,
    post_view_expire_mins INTEGER,
    count_each_order_once INTEGER NOT NULL,
    post_click_value INTEGER,
    post_view_value INTEGER
);
CREATE INDEX pixel_versions_pixel ON pixel_versions (pixel_id, seq);

CREATE TABLE line_item_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL
);
CREATE INDEX line_item_versions_line_item ON line_item_versions (line_item_id, seq);

CREATE TABLE line_item_version_pixels (
    version_seq INTEGER NOT NULL REFERENCES line_item_versions (seq),
    pixel_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    post_click_revenue INTEGER,
    post_view_revenue INTEGER,
    PRIMARY KEY (version_seq, pixel_id)
) WITHOUT ROWID;
CREATE INDEX line_item_version_pixels_pixel ON line_item_version_pixels (pixel_id);

CREATE TABLE segment_versions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    segment_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    expire_minutes INTEGER -- null: 180 days; 0: not kept
);
CREATE INDEX segment_versions_segment ON segment_versions (segment_id, seq);

-- Decisions to judge fires anew, that were logged up to a place and happened at from_at or later: under the settings in
-- force at that place, or with the exposures logged up to it. Each was taken into use with the derived file of its time.
CREATE TABLE rejudgements (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    settings INTEGER NOT NULL,
    exposures INTEGER NOT NULL
);

-- Requests that could not be taken. Counted in full by hour and reason; of the rows themselves only so many an hour
-- are kept, so that junk cannot fill the disk.
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    query TEXT NOT NULL,
    referer TEXT,
    ip TEXT
);

CREATE TABLE rejected_hours (
    hour INTEGER NOT NULL,
    reason TEXT NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (hour, reason)
) WITHOUT ROWID;
