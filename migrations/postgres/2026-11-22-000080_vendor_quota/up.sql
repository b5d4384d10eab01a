CREATE TABLE vendor_quota (
    account TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    at_once BIGINT NOT NULL,
    per_second BIGINT,
    changed_at TIMESTAMP NOT NULL
);
CREATE TABLE vendor_quota_share (
    account TEXT COLLATE "C" NOT NULL REFERENCES vendor_quota (account),
    member TEXT COLLATE "C" NOT NULL,
    wanted BIGINT NOT NULL,
    held BIGINT NOT NULL,
    held_per_second BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account, member)
);
