-- What the store says of itself: which program brought it to where it is, and whether it comes from a backup.
CREATE TABLE store_note (name TEXT COLLATE "C" PRIMARY KEY NOT NULL, value TEXT COLLATE "C" NOT NULL);
