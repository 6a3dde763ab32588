-- What was imported (`pixeld import`), so that no line is appended twice. A part of the log: it is written in the
-- transaction of the line's own row, never changed, and cannot be rebuilt.
CREATE TABLE imported (
    mark BLOB PRIMARY KEY, -- a keyed hash of the line's id, or of all it says
    seq INTEGER NOT NULL -- where its row stands
) WITHOUT ROWID;
