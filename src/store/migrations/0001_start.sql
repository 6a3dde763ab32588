-- The first schema. Three parts: definitions (what people set up), the log (what browsers sent; append-only,
-- without secondary indexes) and derived tables (what the judge made of the log; can be rebuilt from it).
-- Times are UTC milliseconds, money is millionths of a unit, codes of enums are the published words.

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
-- secondary index: each would cost a fifth of the throughput; the judge builds the look-ups below.

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

-- Derived from the log by the judge -----------------------------------------------------------------------------

-- How far the judge has read: everything up to seq is judged. The day is the latest UTC day on which some of it was
-- logged.
CREATE TABLE judge_cursor (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq INTEGER NOT NULL,
    day INTEGER NOT NULL
);
INSERT INTO judge_cursor VALUES (1, 0, 0);

-- Exposures by visitor, so that the latest of each kind stand together.
CREATE TABLE touches (
    visitor_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER,
    publisher_id INTEGER NOT NULL,
    creative_id INTEGER,
    imp_seq INTEGER,
    imp_at INTEGER,
    flags INTEGER NOT NULL,
    PRIMARY KEY (visitor_id, kind, seq)
) WITHOUT ROWID;

-- Fires with an event id, but for tests, bots, prefetches and those that are themselves duplicates of an event.
CREATE TABLE events_seen (
    pixel_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (pixel_id, event_id, at, seq)
) WITHOUT ROWID;

-- One per fire: what became of it. What it has in common with its fire stands here again for the indexes' sake.
CREATE TABLE conversions (
    seq INTEGER PRIMARY KEY, -- the fire's
    at INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL, -- 0 if the pixel was never known
    visitor_id INTEGER, -- the fire's, or with a token that of the exposure it names
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    order_id TEXT,
    value INTEGER,
    currency TEXT,
    pixel_version INTEGER NOT NULL, -- 0 if the pixel was never known
    line_item_version INTEGER,
    exposure_seq INTEGER,
    exposure_at INTEGER,
    window_mins INTEGER,
    line_item_id INTEGER,
    campaign_id INTEGER,
    publisher_id INTEGER,
    creative_id INTEGER,
    static_value INTEGER,
    static_currency TEXT
);
CREATE INDEX conversions_at ON conversions (at, reason);
CREATE INDEX conversions_pixel ON conversions (pixel_id, at, reason);
CREATE INDEX conversions_advertiser ON conversions (advertiser_id, at, reason);
CREATE INDEX conversions_line_item ON conversions (line_item_id, at) WHERE line_item_id IS NOT NULL;
CREATE INDEX conversions_order ON conversions (order_id) WHERE order_id IS NOT NULL;

-- Attributed conversions by visitor, for the repeat rule. A token whose exposure has no visitor stands in for one:
-- then visitor_id is that exposure's seq, negated.
CREATE TABLE counted (
    pixel_id INTEGER NOT NULL,
    visitor_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (pixel_id, visitor_id, at, seq)
) WITHOUT ROWID;

-- Attributed conversions by order, for counting each order once.
CREATE TABLE orders_counted (
    pixel_id INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (pixel_id, order_id, seq)
) WITHOUT ROWID;

-- Judged fires by UTC hour of their own time, but for tests. Zero stands for no id, '' for no value and so no
-- currency, XXX for a value without one: the key has no nulls. Sums stop at the largest number there is instead of
-- overflowing; whoever adds them up must mind that too.
CREATE TABLE conversions_hourly (
    hour INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    currency TEXT NOT NULL,
    static_currency TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL,
    fires INTEGER NOT NULL,
    warned INTEGER NOT NULL, -- of these, with warnings
    value INTEGER NOT NULL, -- sum of dynamic values
    static_value INTEGER NOT NULL, -- sum of static values
    -- The same as it stands after adjustments, in the hour of the conversion whenever they came. A retracted conversion
    -- leaves; one restated in another currency moves to that currency's row.
    net_fires INTEGER NOT NULL,
    net_value INTEGER NOT NULL,
    net_static_value INTEGER NOT NULL,
    PRIMARY KEY (hour, pixel_id, reason, line_item_id, campaign_id, publisher_id, currency, static_currency)
) WITHOUT ROWID;
CREATE INDEX conversions_hourly_pixel ON conversions_hourly (pixel_id, hour);

-- Loads of each pixel by UTC hour: what lists, sparklines and alerts ask for pixel by pixel. A load is a fire that is no
-- test, bot or prefetch.
CREATE TABLE pixels_hourly (
    pixel_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    loads INTEGER NOT NULL,
    warned INTEGER NOT NULL, -- of these, with warnings
    attributed INTEGER NOT NULL, -- of these, credited and not retracted
    PRIMARY KEY (pixel_id, hour)
) WITHOUT ROWID;

-- Exposures by UTC hour, without tests, bots and prefetches.
CREATE TABLE exposures_hourly (
    hour INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    imps INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    cost INTEGER NOT NULL, -- sum of ancost
    PRIMARY KEY (hour, line_item_id, campaign_id, publisher_id)
) WITHOUT ROWID;

-- When each pixel last fired, without tests, bots and prefetches.
CREATE TABLE pixel_last_fired (
    pixel_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
);

-- What fires were called by their senders, by advertiser: but for tests, bots and prefetches. A fire that updates a
-- conversion names that one.
CREATE TABLE references_seen (
    advertiser_id INTEGER NOT NULL,
    reference_id TEXT NOT NULL,
    named_by INTEGER NOT NULL, -- the fire that brought the name
    seq INTEGER NOT NULL, -- the fire that is meant
    PRIMARY KEY (advertiser_id, reference_id, named_by, seq)
) WITHOUT ROWID;

-- What each adjustment did to each conversion that it names.
CREATE TABLE adjustment_effects (
    conversion_seq INTEGER NOT NULL,
    adjustment_seq INTEGER NOT NULL, -- in adjustments; or of a fire with a parent_reference_id
    effect TEXT NOT NULL,
    PRIMARY KEY (conversion_seq, adjustment_seq)
) WITHOUT ROWID;
CREATE INDEX adjustment_effects_adjustment ON adjustment_effects (adjustment_seq);

-- How adjusted conversions stand now.
CREATE TABLE adjusted (
    seq INTEGER PRIMARY KEY, -- the conversion's
    retracted INTEGER NOT NULL,
    value INTEGER,
    currency TEXT
);

-- Who is in which segment. Of several requests that add a visitor, the one that lasts longest decides; after expires_at
-- the row means nothing, and is removed some time after that day.
CREATE TABLE memberships (
    segment_id INTEGER NOT NULL,
    visitor_id INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- of the fire or load that decides
    value INTEGER,
    added_at INTEGER NOT NULL, -- that one's own time
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (segment_id, visitor_id)
) WITHOUT ROWID;
CREATE INDEX memberships_visitor ON memberships (visitor_id);
CREATE INDEX memberships_expires ON memberships (segment_id, expires_at);

-- Members at the end of each UTC day of the log; no row for none.
CREATE TABLE segment_sizes (
    segment_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    members INTEGER NOT NULL,
    PRIMARY KEY (segment_id, day)
) WITHOUT ROWID;

-- Requests that add to a segment, but for tests, bots and prefetches, by UTC day of their own time.
CREATE TABLE segment_loads_daily (
    segment_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    loads INTEGER NOT NULL,
    uniques INTEGER NOT NULL, -- visitors who sent them
    PRIMARY KEY (segment_id, day)
) WITHOUT ROWID;

-- These visitors, for so many days as a late event may be late; after that the day's uniques stand.
CREATE TABLE segment_visitors (
    segment_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    visitor_id INTEGER NOT NULL,
    PRIMARY KEY (segment_id, day, visitor_id)
) WITHOUT ROWID;
