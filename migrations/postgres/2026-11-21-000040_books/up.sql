-- What a posting is about, in columns: which line of the books, whose, of which month, on which day, how much.
ALTER TABLE posting ADD COLUMN line TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN subject TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN period TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN legal_entity_code TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN posting_date DATE;
ALTER TABLE posting ADD COLUMN currency_code TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE posting ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE posting ADD COLUMN minor_units BIGINT NOT NULL DEFAULT 0;
CREATE INDEX posting_line ON posting (kind, line);
CREATE INDEX posting_period ON posting (period, kind, line);
CREATE INDEX run_correlation ON run (correlation_id);
CREATE INDEX time_entry_reference ON time_entry (reference, work_date);
-- Every change of a posting. What leaves UNKNOWN was looked up.
CREATE TABLE posting_event (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    posting_key TEXT COLLATE "C" NOT NULL,
    from_state TEXT COLLATE "C" NOT NULL,
    to_state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    lookup TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    posting_date DATE,
    happened_at TIMESTAMP NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    CHECK (from_state <> 'UNKNOWN' OR to_state = 'UNKNOWN' OR lookup <> '')
);
CREATE INDEX posting_event_posting ON posting_event (posting_key, sequence);
-- Records as PSA and ERP held them when they were read last.
CREATE TABLE book_record (
    system TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    vendor_id TEXT COLLATE "C" NOT NULL,
    month TEXT COLLATE "C" NOT NULL,
    posting_key TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    supersedes TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
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
    period TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    legal_entity_code TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
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
    state TEXT COLLATE "C" NOT NULL,
    difference TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL,
    erp_ids TEXT COLLATE "C" NOT NULL,
    in_flight_since TIMESTAMP,
    digest TEXT COLLATE "C" NOT NULL,
    as_of TIMESTAMP NOT NULL,
    scan BIGINT NOT NULL,
    PRIMARY KEY (period, kind, line, currency_code)
);
CREATE INDEX balance_line_cell ON balance_line (period, kind, subject, line);
CREATE INDEX balance_line_state ON balance_line (period, state, kind, line);
CREATE TABLE balance (
    period TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
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
    period TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    touches BIGINT NOT NULL,
    compared BIGINT NOT NULL,
    as_of TIMESTAMP
);
-- What a person did about a line. An acceptance holds for what both sides said then.
CREATE TABLE line_repair (
    request_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    repair TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    body_hash TEXT COLLATE "C" NOT NULL,
    answer BYTEA NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    repaired_at TIMESTAMP NOT NULL
);
CREATE INDEX line_repair_line ON line_repair (period, kind, line, currency_code);
CREATE TABLE period_close (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    legal_entity_code TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    frozen_at TIMESTAMP NOT NULL,
    frozen_by TEXT COLLATE "C" NOT NULL,
    signed_at TIMESTAMP,
    signed_by TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    UNIQUE (period, legal_entity_code)
);
CREATE TABLE period_close_event (
    request_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    close_id TEXT COLLATE "C" NOT NULL REFERENCES period_close (id),
    version INTEGER NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    state_before TEXT COLLATE "C" NOT NULL,
    state_after TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    body_hash TEXT COLLATE "C" NOT NULL,
    answer BYTEA NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    UNIQUE (close_id, version)
);
