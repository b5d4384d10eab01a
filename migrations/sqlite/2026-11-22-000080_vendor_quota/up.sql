CREATE TABLE vendor_quota (
    account TEXT PRIMARY KEY NOT NULL,
    at_once BIGINT NOT NULL,
    per_second BIGINT,
    changed_at TIMESTAMP NOT NULL
);
CREATE TABLE vendor_quota_share (
    account TEXT NOT NULL REFERENCES vendor_quota (account),
    member TEXT NOT NULL,
    wanted BIGINT NOT NULL,
    held BIGINT NOT NULL,
    held_per_second BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account, member)
);
