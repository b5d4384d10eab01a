-- A relay claims rows for a while; a row that is held back is not claimed before its time; a stopped one waits for a person.
ALTER TABLE outbox ADD COLUMN claimed_by TEXT COLLATE "C";
ALTER TABLE outbox ADD COLUMN held_until TIMESTAMP;
ALTER TABLE outbox ADD COLUMN stopped BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE outbox ADD COLUMN trace_parent TEXT COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX outbox_open;
CREATE INDEX outbox_waiting ON outbox (sequence) WHERE published_at IS NULL;
CREATE INDEX outbox_waiting_of_key ON outbox (ordering_key, sequence) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at, sequence);
CREATE INDEX outbox_happened ON outbox (happened_at, sequence);
CREATE TABLE dead_letter (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    consumer TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    tries INTEGER NOT NULL,
    history TEXT COLLATE "C" NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    ordering_key TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    trace_parent TEXT COLLATE "C" NOT NULL,
    happened_at TIMESTAMP NOT NULL
);
CREATE INDEX dead_letter_state ON dead_letter (state, id);
CREATE TABLE event_plan (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    consumer TEXT COLLATE "C" NOT NULL,
    forced BOOLEAN NOT NULL,
    asked TEXT COLLATE "C" NOT NULL,
    next_sequence BIGINT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL
);
CREATE TABLE event_plan_item (
    plan_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (plan_id, position)
);
