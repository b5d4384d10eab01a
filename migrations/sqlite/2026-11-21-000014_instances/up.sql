CREATE TABLE instance (
    node TEXT PRIMARY KEY NOT NULL,
    incarnation TEXT NOT NULL UNIQUE,
    alive_until TIMESTAMP NOT NULL
);
CREATE TABLE claim (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    incarnation TEXT NOT NULL REFERENCES instance (incarnation) ON DELETE CASCADE,
    PRIMARY KEY (kind, key)
);
CREATE INDEX claim_incarnation ON claim (incarnation);
