-- Each report names the user or token that asked for it: the bounds of reports hold for each. Reports from before have none.
ALTER TABLE reports ADD COLUMN caller TEXT NOT NULL DEFAULT ''; -- "user 7", "token 3"
CREATE INDEX reports_caller ON reports (caller, created_on);
