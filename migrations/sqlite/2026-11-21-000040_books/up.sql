-- What a posting is about, in columns: which line of the books, whose, of which month, on which day, how much.
ALTER TABLE posting ADD COLUMN line TEXT NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN period TEXT NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN legal_entity_code TEXT NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN posting_date DATE;
ALTER TABLE posting ADD COLUMN currency_code TEXT NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE posting ADD COLUMN minor_units BIGINT NOT NULL DEFAULT 0;
CREATE INDEX posting_line ON posting (kind, line);
CREATE INDEX posting_period ON posting (period, kind, line);
CREATE INDEX run_correlation ON run (correlation_id);
CREATE INDEX time_entry_reference ON time_entry (reference, work_date);
-- Every change of a posting. What leaves UNKNOWN was looked up.
CREATE TABLE posting_event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    posting_key TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    lookup TEXT NOT NULL,
    reason TEXT NOT NULL,
    posting_date DATE,
    happened_at TIMESTAMP NOT NULL,
    correlation_id TEXT NOT NULL,
    CHECK (from_state <> 'UNKNOWN' OR to_state = 'UNKNOWN' OR lookup <> '')
);
CREATE INDEX posting_event_posting ON posting_event (posting_key, sequence);
-- Records as PSA and ERP held them when they were read last.
CREATE TABLE book_record (
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    month TEXT NOT NULL,
    posting_key TEXT NOT NULL,
    line TEXT NOT NULL,
    supersedes TEXT NOT NULL,
    subject TEXT NOT NULL,
    period TEXT NOT NULL,
    day DATE NOT NULL,
    currency_code TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    minor_units BIGINT NOT NULL,
    changed_at TIMESTAMP,
    scan BIGINT NOT NULL,
    PRIMARY KEY (system, kind, vendor_id)
);
CREATE INDEX book_record_line ON book_record (kind, line);
CREATE INDEX book_record_month ON book_record (month, system, kind, scan);
-- The equation of the books, line by line and cell by cell, as reconciled last.
CREATE TABLE balance_line (
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    line TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL,
    legal_entity_code TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    psa_minutes BIGINT NOT NULL,
    approved_minutes BIGINT NOT NULL,
    approved_minor BIGINT NOT NULL,
    posted_minutes BIGINT NOT NULL,
    posted_minor BIGINT NOT NULL,
    erp_minutes BIGINT NOT NULL,
    erp_minor BIGINT NOT NULL,
    in_flight_minutes BIGINT NOT NULL,
    in_flight_minor BIGINT NOT NULL,
    excepted_minutes BIGINT NOT NULL,
    excepted_minor BIGINT NOT NULL,
    unexplained_minutes BIGINT NOT NULL,
    unexplained_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    difference TEXT NOT NULL,
    cause TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    erp_ids TEXT NOT NULL,
    in_flight_since TIMESTAMP,
    digest TEXT NOT NULL,
    as_of TIMESTAMP NOT NULL,
    scan BIGINT NOT NULL,
    PRIMARY KEY (period, kind, line, currency_code)
);
CREATE INDEX balance_line_cell ON balance_line (period, kind, subject, line);
CREATE INDEX balance_line_state ON balance_line (period, state, kind, line);
CREATE TABLE balance (
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    psa_minutes BIGINT NOT NULL,
    approved_minutes BIGINT NOT NULL,
    approved_minor BIGINT NOT NULL,
    posted_minutes BIGINT NOT NULL,
    posted_minor BIGINT NOT NULL,
    erp_minutes BIGINT NOT NULL,
    erp_minor BIGINT NOT NULL,
    in_flight_minutes BIGINT NOT NULL,
    in_flight_minor BIGINT NOT NULL,
    excepted_minutes BIGINT NOT NULL,
    excepted_minor BIGINT NOT NULL,
    unexplained_minutes BIGINT NOT NULL,
    unexplained_minor BIGINT NOT NULL,
    line_count BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    in_flight_since TIMESTAMP,
    as_of TIMESTAMP NOT NULL,
    PRIMARY KEY (period, kind, subject, currency_code)
);
-- Months that something happened in: how often, up to which of that they were compared, and when.
CREATE TABLE balance_month (
    period TEXT PRIMARY KEY NOT NULL,
    touches BIGINT NOT NULL,
    compared BIGINT NOT NULL,
    as_of TIMESTAMP
);
-- What a person did about a line. An acceptance holds for what both sides said then.
CREATE TABLE line_repair (
    request_id TEXT PRIMARY KEY NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    line TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    repair TEXT NOT NULL,
    digest TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer BLOB NOT NULL,
    correlation_id TEXT NOT NULL,
    repaired_at TIMESTAMP NOT NULL
);
CREATE INDEX line_repair_line ON line_repair (period, kind, line, currency_code);
CREATE TABLE period_close (
    id TEXT PRIMARY KEY NOT NULL,
    legal_entity_code TEXT NOT NULL,
    period TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    frozen_at TIMESTAMP NOT NULL,
    frozen_by TEXT NOT NULL,
    signed_at TIMESTAMP,
    signed_by TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (period, legal_entity_code)
);
CREATE TABLE period_close_event (
    request_id TEXT PRIMARY KEY NOT NULL,
    close_id TEXT NOT NULL REFERENCES period_close (id),
    version INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    state_before TEXT NOT NULL,
    state_after TEXT NOT NULL,
    digest TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer BLOB NOT NULL,
    correlation_id TEXT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    UNIQUE (close_id, version)
);
