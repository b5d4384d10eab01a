ALTER TABLE exception ADD COLUMN assignee TEXT NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN occurrences INTEGER NOT NULL DEFAULT 1;
ALTER TABLE exception ADD COLUMN last_seen_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE exception ADD COLUMN currency_code TEXT NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN minor_units BIGINT NOT NULL DEFAULT 0;
UPDATE exception SET last_seen_at = opened_at;
ALTER TABLE exception DROP COLUMN request_id;
CREATE INDEX exception_due ON exception (due_at, id);
CREATE TABLE exception_action (
    request_id TEXT PRIMARY KEY NOT NULL,
    exception_id TEXT NOT NULL REFERENCES exception (id),
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    state_before TEXT NOT NULL,
    state_after TEXT NOT NULL,
    effects TEXT NOT NULL,
    answer BLOB NOT NULL,
    bulk_token TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    acted_at TIMESTAMP NOT NULL
);
CREATE INDEX exception_action_exception ON exception_action (exception_id, acted_at);
CREATE TABLE excepted_line (
    kind TEXT NOT NULL,
    line_id TEXT NOT NULL,
    state TEXT NOT NULL,
    exception_id TEXT NOT NULL REFERENCES exception (id),
    excepted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, line_id)
);
CREATE TABLE line_edit (
    kind TEXT NOT NULL,
    line_id TEXT NOT NULL,
    base_hash TEXT NOT NULL,
    body TEXT NOT NULL,
    exception_id TEXT NOT NULL REFERENCES exception (id),
    edited_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, line_id)
);
CREATE TABLE bulk_action (
    token TEXT PRIMARY KEY NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    assignee TEXT NOT NULL,
    request_id TEXT UNIQUE,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE bulk_item (
    token TEXT NOT NULL REFERENCES bulk_action (token),
    position INTEGER NOT NULL,
    exception_id TEXT NOT NULL REFERENCES exception (id),
    etag TEXT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (token, position)
);
