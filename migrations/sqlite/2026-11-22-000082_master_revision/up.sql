-- How often master data changed. One row, raised in the transaction of every change: whoever remembers an answer asks for this number first.
CREATE TABLE master_revision (
    name TEXT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL
);
INSERT INTO master_revision (name, revision) VALUES ('master', 1);
