-- The settings that an admin changed in the page, by their names in the configuration file. One at its default has no row.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
