-- What ads cost by day, as people typed it, sent it or imported it. It is no part of the log: nothing is derived from it.
-- No row refers to the objects that it names, so that deleting one of them moves no figure.

-- One import, one request or one form: it is undone as a whole.
CREATE TABLE cost_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- a later run has a higher id, and replaces what earlier ones said
    how TEXT NOT NULL, -- 'typed', 'api' or 'import'
    advertiser_id INTEGER NOT NULL,
    profile TEXT NOT NULL, -- the kind of its file, such as 'google_ads'; 'plain' without one
    file_name TEXT,
    file_hash TEXT, -- SHA-256 in hexadecimal digits
    rows INTEGER NOT NULL, -- of costs
    replaced INTEGER NOT NULL, -- how many rows of earlier runs it replaced when it came
    made_by TEXT NOT NULL, -- the name of the user or token at that time
    made_at INTEGER NOT NULL,
    undone_by TEXT,
    undone_at INTEGER
);
CREATE INDEX cost_runs_advertiser ON cost_runs (advertiser_id);

-- The figures of the runs. Sums add up those whose state is 'live'.
CREATE TABLE costs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES cost_runs (id),
    state TEXT NOT NULL, -- 'live', 'replaced', 'undone' or 'deleted'
    replaced_by INTEGER REFERENCES cost_runs (id), -- of a replaced row: the run
    advertiser_id INTEGER NOT NULL, -- that of the run, and so is the profile
    profile TEXT NOT NULL,
    account TEXT NOT NULL, -- at the ad platform; empty for none
    day TEXT NOT NULL, -- 2026-10-01, as the advertiser's calendar shows it
    line_item_id INTEGER NOT NULL,
    campaign_id INTEGER, -- null for none
    publisher_id INTEGER,
    label TEXT NOT NULL, -- the campaign's name in the file; empty for none
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    imps INTEGER, -- as the platform counts them
    clicks INTEGER,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX costs_live_day ON costs (day, advertiser_id, line_item_id) WHERE state = 'live';
CREATE INDEX costs_live_line_item ON costs (line_item_id, day) WHERE state = 'live';
CREATE INDEX costs_advertiser_day ON costs (advertiser_id, day);
CREATE INDEX costs_run ON costs (run_id);
CREATE INDEX costs_replaced_by ON costs (replaced_by) WHERE replaced_by IS NOT NULL;
