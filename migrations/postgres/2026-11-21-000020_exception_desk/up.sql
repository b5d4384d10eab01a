ALTER TABLE exception ADD COLUMN assignee TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN occurrences INTEGER NOT NULL DEFAULT 1;
ALTER TABLE exception ADD COLUMN last_seen_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE exception ADD COLUMN currency_code TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN minor_units BIGINT NOT NULL DEFAULT 0;
UPDATE exception SET last_seen_at = opened_at;
ALTER TABLE exception DROP COLUMN request_id;
CREATE INDEX exception_due ON exception (due_at, id);
CREATE TABLE exception_action (
    request_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL REFERENCES exception (id),
    action TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    body_hash TEXT COLLATE "C" NOT NULL,
    state_before TEXT COLLATE "C" NOT NULL,
    state_after TEXT COLLATE "C" NOT NULL,
    effects TEXT COLLATE "C" NOT NULL,
    answer BYTEA NOT NULL,
    bulk_token TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    acted_at TIMESTAMP NOT NULL
);
CREATE INDEX exception_action_exception ON exception_action (exception_id, acted_at);
CREATE TABLE excepted_line (
    kind TEXT COLLATE "C" NOT NULL,
    line_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL REFERENCES exception (id),
    excepted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, line_id)
);
CREATE TABLE line_edit (
    kind TEXT COLLATE "C" NOT NULL,
    line_id TEXT COLLATE "C" NOT NULL,
    base_hash TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL REFERENCES exception (id),
    edited_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, line_id)
);
CREATE TABLE bulk_action (
    token TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    assignee TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" UNIQUE,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE bulk_item (
    token TEXT COLLATE "C" NOT NULL REFERENCES bulk_action (token),
    position INTEGER NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL REFERENCES exception (id),
    etag TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (token, position)
);
