-- The keys of forms that created something. A key is good for one object, so that a form sent twice creates one.
CREATE TABLE form_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    object_id INTEGER NOT NULL, -- what it created; a seq for a row of the log
    created_on INTEGER NOT NULL,
    UNIQUE (user_id, key)
);
CREATE INDEX form_keys_created ON form_keys (created_on);

-- Deleted objects that can be restored for 30 days: an entry for each deletion.
CREATE TABLE bin (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    deleted_on INTEGER NOT NULL,
    user_name TEXT NOT NULL, -- who deleted it, as in audit
    object_type TEXT NOT NULL, -- as in audit
    object_id INTEGER NOT NULL,
    object_name TEXT NOT NULL,
    advertiser_id INTEGER -- its advertiser; null: all advertisers share it
);
CREATE INDEX bin_deleted ON bin (deleted_on);

-- The rows that a deletion removed, in the order in which a restore inserts them.
CREATE TABLE bin_rows (
    bin_id INTEGER NOT NULL REFERENCES bin (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    object_id INTEGER NOT NULL, -- of the object that the row is, or is a part of
    columns TEXT NOT NULL, -- JSON: each column with its value; blobs in hexadecimal
    PRIMARY KEY (bin_id, place)
) WITHOUT ROWID;
CREATE INDEX bin_rows_object ON bin_rows (table_name, object_id);
