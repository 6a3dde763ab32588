-- Ids of users and tokens are never given twice, so an entry of the audit log never seems to be somebody else's. (Plain
-- primary keys give the id of a deleted last row again.) Sessions refer to users, so they are put aside meanwhile.
CREATE TABLE kept_sessions AS SELECT * FROM sessions;
CREATE TABLE new_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
);
INSERT INTO new_users SELECT * FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
INSERT INTO sessions SELECT * FROM kept_sessions;
DROP TABLE kept_sessions;

CREATE TABLE new_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    secret_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    advertiser_id INTEGER REFERENCES advertisers (id) ON DELETE CASCADE,
    created_on INTEGER NOT NULL,
    last_used INTEGER
);
INSERT INTO new_tokens SELECT * FROM tokens;
DROP TABLE tokens;
ALTER TABLE new_tokens RENAME TO tokens;

-- Names of tokens are unique regardless of case. Where several tokens have one name, all but the first get their id
-- behind it.
UPDATE tokens SET name = name || ' (' || id || ')'
WHERE EXISTS (SELECT 1 FROM tokens AS other WHERE other.name = tokens.name COLLATE NOCASE AND other.id < tokens.id);
CREATE UNIQUE INDEX tokens_name ON tokens (name COLLATE NOCASE);

-- The token that made a change; null for users, the shell and tags, and for entries from before.
ALTER TABLE audit ADD COLUMN token_id INTEGER;
