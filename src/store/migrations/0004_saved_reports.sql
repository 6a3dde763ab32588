-- Definitions of reports that somebody gave a name, to be run again.
CREATE TABLE saved_reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE, -- the one it is about; null: all
    owner TEXT NOT NULL, -- who made it, as called then
    definition TEXT NOT NULL, -- as it stands in the page's address
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
CREATE INDEX saved_reports_advertiser ON saved_reports (advertiser_id);
-- The page of the audit log names all who changed anything.
CREATE INDEX audit_user_name ON audit (user_name);
