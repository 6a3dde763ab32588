-- What is derived from the log moves into a file of its own (derived/schema.sql), made anew from the log at the next start:
-- the judge writes it while collection writes here.
DROP TABLE judge_cursor;
DROP TABLE touches;
DROP TABLE events_seen;
DROP TABLE conversions;
DROP TABLE counted;
DROP TABLE orders_counted;
DROP TABLE conversions_hourly;
DROP TABLE pixels_hourly;
DROP TABLE exposures_hourly;
DROP TABLE pixel_last_fired;
DROP TABLE references_seen;
DROP TABLE adjustment_effects;
DROP TABLE adjusted;
DROP TABLE memberships;
DROP TABLE segment_sizes;
DROP TABLE segment_loads_daily;
DROP TABLE segment_visitors;

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
