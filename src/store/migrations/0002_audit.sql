-- Who changed what: a row for every change of a definition, written in the transaction of the change itself.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created_on INTEGER NOT NULL,
    user_id INTEGER, -- null for long-lived tokens and the shell; no reference: users go, what they did stays
    user_name TEXT NOT NULL, -- the user's or token's name as it was then
    action TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id INTEGER NOT NULL,
    object_name TEXT NOT NULL, -- as it was then
    before TEXT, -- the columns and their values as JSON; null where there was nothing
    after TEXT
);
CREATE INDEX audit_object ON audit (object_type, object_id);
CREATE INDEX audit_created_on ON audit (created_on);
