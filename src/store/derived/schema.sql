-- All that the judge derives from the log, in a file of its own that can be derived from the log again at any time. So there
-- are no migrations: a change of a table here counts up SCHEMA in derived/version.rs, and the judge fills a new file.
-- Times are UTC milliseconds, money is millionths of a unit, codes of enums are the published words.

-- What it was made of: which log (derived_file in the log's own file), and by which rules.
CREATE TABLE made_of (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    log_id INTEGER NOT NULL,
    rules INTEGER NOT NULL
);

-- The decisions of rejudgements that it was made by: those of the log, when it was begun, and the one for which it was.
CREATE TABLE rejudged (
    upto INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    settings INTEGER NOT NULL,
    exposures INTEGER NOT NULL
);

-- How far the judge has read: everything up to seq is judged. The day is the latest UTC day on which some of it was
-- logged. Exposures up to the place `touched` stand in touches already, whatever seq is, since decisions want them.
CREATE TABLE judge_cursor (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq INTEGER NOT NULL,
    day INTEGER NOT NULL,
    touched INTEGER NOT NULL
);
INSERT INTO judge_cursor VALUES (1, 0, 0, 0);

-- Exposures by visitor, so that the latest of each kind stand together: the visitor's own, arrivals that are clicks, and
-- those of other cookies that a token in an arrival named.
CREATE TABLE touches (
    visitor_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    since INTEGER NOT NULL, -- fires after this row see it: the exposure itself, or the arrival with its token
    seq INTEGER NOT NULL, -- the exposure
    at INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER,
    publisher_id INTEGER NOT NULL,
    source_id INTEGER, -- of an arrival
    creative_id INTEGER,
    imp_seq INTEGER,
    imp_at INTEGER,
    flags INTEGER NOT NULL,
    PRIMARY KEY (visitor_id, kind, since, seq)
) WITHOUT ROWID;

-- What became of each arrival, in the log's order, since rows at the end cost the judge least. The arrivals of a visitor
-- that are clicks are found among its touches, the others by an index.
CREATE TABLE arrivals (
    seq INTEGER PRIMARY KEY,
    visitor_id INTEGER, -- null for a private visitor
    at INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    fate TEXT NOT NULL,
    source_id INTEGER, -- the source that takes it, whether it is a click or not
    line_item_id INTEGER, -- of a click
    campaign_id INTEGER,
    publisher_id INTEGER,
    line_item_version INTEGER,
    named_seq INTEGER, -- the exposure that its token names
    adopts INTEGER NOT NULL, -- whether that exposure counts for the visitor from here on
    alike INTEGER -- a hash of what it carried, if the same within 30 minutes is a repeat
);
CREATE INDEX arrivals_no_click ON arrivals (visitor_id) WHERE line_item_id IS NULL AND visitor_id IS NOT NULL;

-- The exposures of other cookies that visitors have by a token.
CREATE TABLE adoptions (
    visitor_id INTEGER NOT NULL,
    exposure_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- the arrival
    PRIMARY KEY (visitor_id, exposure_seq)
) WITHOUT ROWID;

-- The click ids that visitors came with, in the log's order: of each visitor the first arrival with the id, and the first
-- one that is a click. Readers find out whether another visitor had it before.
CREATE TABLE click_ids (
    seq INTEGER NOT NULL, -- the arrival
    hash INTEGER NOT NULL, -- of name and value, which the arrival has
    advertiser_id INTEGER NOT NULL,
    PRIMARY KEY (seq, hash)
) WITHOUT ROWID;

-- Arrivals that no source took, by UTC day and by what they carried; '' stands for all beyond the first 200 of a day.
CREATE TABLE unmatched_arrivals (
    advertiser_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    carried TEXT NOT NULL,
    arrivals INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (advertiser_id, day, carried)
) WITHOUT ROWID;

-- The names of fires (1 event id, 2 order id) that lead to a conversion: of an event the first fire that bears its id, and
-- each one more than 48 hours away; of an order the first fire, and each one that counts beside it. A fire that became a
-- duplicate leads on to the one that counts. Tests, bots, prefetches and updates have no names.
CREATE TABLE names_seen (
    pixel_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    visitor_id INTEGER NOT NULL, -- 0: among all visitors; else a name among the fires of this visitor only
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (pixel_id, kind, name, visitor_id, at, seq)
) WITHOUT ROWID;

-- The visitors of further fires with a name, hour by hour of the fires' own times, as long as it is a name among all
-- visitors. Visitors that the request itself created are left out.
CREATE TABLE name_bearers (
    pixel_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    hour INTEGER NOT NULL,
    visitor_id INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- of the fire that was logged first
    PRIMARY KEY (pixel_id, kind, name, hour, visitor_id)
) WITHOUT ROWID;

-- Ids that several visitors sent within an hour: from this fire on they name a fire among those of one visitor only.
CREATE TABLE names_shared (
    pixel_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (pixel_id, kind, name)
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
    duplicate_of INTEGER, -- of a duplicate: the fire that counted in its place at that time
    duplicate_by INTEGER, -- the fire that made it a duplicate: itself, or a later one
    order_id TEXT, -- these three are the fire's own, or taken from a duplicate of it
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
    source_id INTEGER, -- of an arrival
    tracker_id INTEGER, -- the one that reported the exposure
    creative_id INTEGER,
    static_value INTEGER,
    static_currency TEXT,
    -- The pixel's largest believable value, if the fire's own value is larger and was set aside.
    max_value INTEGER,
    token_seq INTEGER, -- the exposure that the fire's token names
    warned INTEGER NOT NULL -- whether the event has a warning
);
-- People ask for orders regardless of case. The judge also compares the id itself: the index holds it as it came.
CREATE INDEX conversions_order ON conversions (order_id COLLATE NOCASE) WHERE order_id IS NOT NULL;
CREATE INDEX conversions_duplicate ON conversions (duplicate_of, duplicate_by) WHERE duplicate_of IS NOT NULL;

-- What conversions lacked and took from their duplicates.
CREATE TABLE taken (
    seq INTEGER NOT NULL, -- the conversion's
    field TEXT NOT NULL,
    from_seq INTEGER NOT NULL, -- the fire that brought it
    PRIMARY KEY (seq, field)
) WITHOUT ROWID;

-- Attributed conversions by visitor, for the repeat rule. A token whose exposure has no visitor takes the place of one:
-- then visitor_id is that exposure's seq, negated.
CREATE TABLE counted (
    pixel_id INTEGER NOT NULL,
    visitor_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    retracted_by INTEGER, -- the adjustment after which it counts no more
    PRIMARY KEY (pixel_id, visitor_id, at, seq)
) WITHOUT ROWID;

-- Judged fires by quarter hour of their own time, without tests. The hours and days of every zone begin with a quarter
-- hour. The key has no nulls. Zero is no id, '' is no value and so no currency, XXX is a value without a currency.
-- static_currency is the line item's at that time, with or without a static value, and '' without credit.
-- A sum of money takes two columns. Each amount adds its whole thousands of units to the one, and the rest in micros to
-- the other; nothing carries between them. So a row holds the same numbers whatever the order of additions, and no
-- column overflows before 9 * 10^9 amounts of 10^12 units, nor does sum() of it.
CREATE TABLE conversions_quarters (
    quarter INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    tracker_id INTEGER NOT NULL,
    currency TEXT NOT NULL,
    static_currency TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL,
    fires INTEGER NOT NULL,
    warned INTEGER NOT NULL, -- of these, with warnings
    value_thousands INTEGER NOT NULL, -- sum of dynamic values
    value_micros INTEGER NOT NULL,
    static_value_thousands INTEGER NOT NULL, -- sum of static values
    static_value_micros INTEGER NOT NULL,
    -- The same after adjustments, in the quarter hour of the conversion whenever they came. A retracted conversion
    -- leaves; one restated in another currency moves to that currency's row.
    net_fires INTEGER NOT NULL,
    net_value_thousands INTEGER NOT NULL,
    net_value_micros INTEGER NOT NULL,
    net_static_value_thousands INTEGER NOT NULL,
    net_static_value_micros INTEGER NOT NULL,
    PRIMARY KEY (quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency,
        static_currency)
) WITHOUT ROWID;
CREATE INDEX conversions_quarters_pixel ON conversions_quarters (pixel_id, quarter);

-- Loads of each pixel by quarter hour: lists, sparklines and alerts ask pixel by pixel. A load is a fire that is no test,
-- bot or prefetch.
CREATE TABLE pixels_quarters (
    pixel_id INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    loads INTEGER NOT NULL,
    warned INTEGER NOT NULL, -- of these, with warnings
    attributed INTEGER NOT NULL, -- of these, credited and not retracted
    unattributed INTEGER NOT NULL, -- of these, conversions that no ad earned
    browsers INTEGER NOT NULL, -- of these, sent by browsers
    without_cookie INTEGER NOT NULL, -- of those, without a cookie and without a token
    private INTEGER NOT NULL, -- of those, of visitors who are not to be known, without a token
    PRIMARY KEY (pixel_id, quarter)
) WITHOUT ROWID;

-- Exposures by quarter hour, without tests, bots and prefetches. An arrival is a click of its source's line item, if it is
-- one. The currency is the line item's at the exposure's place in the log, XXX of a line item that never was.
CREATE TABLE exposures_quarters (
    quarter INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL, -- of arrivals, else 0
    tracker_id INTEGER NOT NULL, -- 0 for arrivals and imported exposures
    currency TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL, -- the line item's; 0 if it never was
    imps INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    costs INTEGER NOT NULL, -- of both, those with an ancost
    cost_thousands INTEGER NOT NULL, -- sum of ancost
    cost_micros INTEGER NOT NULL,
    PRIMARY KEY (quarter, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency)
) WITHOUT ROWID;

-- Credited conversions by UTC day, after adjustments: the rows of conversions_quarters with a line item, added up. Lists
-- read them for the whole UTC days of a range, and the quarter hours only at its two ends.
CREATE TABLE credited_days (
    day INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    pixel_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    tracker_id INTEGER NOT NULL,
    currency TEXT NOT NULL,
    static_currency TEXT NOT NULL,
    conversions INTEGER NOT NULL,
    value_thousands INTEGER NOT NULL,
    value_micros INTEGER NOT NULL,
    static_value_thousands INTEGER NOT NULL,
    static_value_micros INTEGER NOT NULL,
    PRIMARY KEY (day, advertiser_id, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id, tracker_id,
        currency, static_currency)
) WITHOUT ROWID;

-- Exposures by UTC day: the rows of exposures_quarters, added up.
CREATE TABLE exposures_days (
    day INTEGER NOT NULL,
    advertiser_id INTEGER NOT NULL,
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    tracker_id INTEGER NOT NULL,
    currency TEXT NOT NULL,
    imps INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    costs INTEGER NOT NULL,
    cost_thousands INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    PRIMARY KEY (day, advertiser_id, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency)
) WITHOUT ROWID;

-- When each pixel last fired, without tests, bots and prefetches.
CREATE TABLE pixel_last_fired (
    pixel_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
);

-- How many exposures each tracker reported, and when it last did, without tests, bots and prefetches.
CREATE TABLE tracker_seen (
    tracker_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    exposures INTEGER NOT NULL
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
