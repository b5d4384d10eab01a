CREATE TABLE instance (
    node TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    incarnation TEXT COLLATE "C" NOT NULL UNIQUE,
    alive_until TIMESTAMP NOT NULL
);
CREATE TABLE claim (
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    incarnation TEXT COLLATE "C" NOT NULL REFERENCES instance (incarnation) ON DELETE CASCADE,
    PRIMARY KEY (kind, key)
);
CREATE INDEX claim_incarnation ON claim (incarnation);
