-- Who called what, when: a row before each audited call and one after it. Each row's hash covers the row and the hash before it.
CREATE TABLE audit_event (
    sequence BIGINT PRIMARY KEY NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    begun BIGINT NOT NULL,
    subject TEXT NOT NULL,
    method TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    code TEXT NOT NULL,
    answer_digest TEXT NOT NULL,
    object TEXT NOT NULL,
    before_digest TEXT NOT NULL,
    after_digest TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_event_time ON audit_event (happened_at);
CREATE INDEX audit_event_object ON audit_event (object, sequence);
-- A day that is sealed: everything up to its last row.
CREATE TABLE audit_seal (
    day DATE PRIMARY KEY NOT NULL,
    last_sequence BIGINT NOT NULL,
    events BIGINT NOT NULL,
    is_keyed BOOLEAN NOT NULL,
    hash TEXT NOT NULL,
    sealed_at TIMESTAMP NOT NULL
);
-- Rows are only added.
CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_event_is_not_deleted BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_seal_is_not_changed BEFORE UPDATE ON audit_seal BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_seal_is_not_deleted BEFORE DELETE ON audit_seal BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
