-- What the store says of itself: which program brought it to where it is, and whether it comes from a backup.
CREATE TABLE store_note (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
