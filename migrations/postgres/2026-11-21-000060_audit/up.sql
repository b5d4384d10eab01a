-- Who called what, when: a row before each audited call and one after it. Each row's hash covers the row and the hash before it.
CREATE TABLE audit_event (
    sequence BIGINT PRIMARY KEY NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    begun BIGINT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    request_digest TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    answer_digest TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    before_digest TEXT COLLATE "C" NOT NULL,
    after_digest TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_event_time ON audit_event (happened_at);
CREATE INDEX audit_event_object ON audit_event (object, sequence);
-- A day that is sealed: everything up to its last row.
CREATE TABLE audit_seal (
    day DATE PRIMARY KEY NOT NULL,
    last_sequence BIGINT NOT NULL,
    events BIGINT NOT NULL,
    is_keyed BOOLEAN NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    sealed_at TIMESTAMP NOT NULL
);
-- Rows are only added.
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_event_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_seal_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
