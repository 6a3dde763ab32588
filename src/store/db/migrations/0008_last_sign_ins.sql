-- When a user last signed in, with a browser or by the API; null: never, or not since this migration.
ALTER TABLE users ADD COLUMN last_sign_in INTEGER;
UPDATE users SET last_sign_in = (SELECT max(created_on) FROM sessions WHERE user_id = users.id);
