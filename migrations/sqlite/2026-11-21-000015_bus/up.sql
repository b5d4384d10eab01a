-- A relay claims rows for a while; a row that is held back is not claimed before its time; a stopped one waits for a person.
ALTER TABLE outbox ADD COLUMN claimed_by TEXT;
ALTER TABLE outbox ADD COLUMN held_until TIMESTAMP;
ALTER TABLE outbox ADD COLUMN stopped BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE outbox ADD COLUMN trace_parent TEXT NOT NULL DEFAULT '';
DROP INDEX outbox_open;
CREATE INDEX outbox_waiting ON outbox (sequence) WHERE published_at IS NULL;
CREATE INDEX outbox_waiting_of_key ON outbox (ordering_key, sequence) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at, sequence);
CREATE INDEX outbox_happened ON outbox (happened_at, sequence);
CREATE TABLE dead_letter (
    id TEXT PRIMARY KEY NOT NULL,
    consumer TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    tries INTEGER NOT NULL,
    history TEXT NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    body BLOB NOT NULL,
    correlation_id TEXT NOT NULL,
    trace_parent TEXT NOT NULL,
    happened_at TIMESTAMP NOT NULL
);
CREATE INDEX dead_letter_state ON dead_letter (state, id);
CREATE TABLE event_plan (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    consumer TEXT NOT NULL,
    forced BOOLEAN NOT NULL,
    asked TEXT NOT NULL,
    next_sequence BIGINT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    request_id TEXT NOT NULL
);
CREATE TABLE event_plan_item (
    plan_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (plan_id, position)
);
