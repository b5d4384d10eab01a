CREATE TABLE run (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    ordering_key TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    input TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (kind, subject)
);
CREATE INDEX run_engagement ON run (engagement_id);
CREATE TABLE step (
    run_id TEXT COLLATE "C" NOT NULL REFERENCES run (id),
    name TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    after TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run_id, name)
);
CREATE INDEX step_due ON step (state, due_at);
CREATE INDEX step_exception ON step (exception_id);
CREATE TABLE feed_cursor (feed TEXT COLLATE "C" PRIMARY KEY NOT NULL, value TEXT COLLATE "C" NOT NULL);
CREATE TABLE exception (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    owner_role TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP,
    retry_at TIMESTAMP,
    request_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX exception_object ON exception (object_kind, object_id);
CREATE INDEX exception_engagement ON exception (engagement_id);
CREATE TABLE hand_off (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    engagement_id TEXT COLLATE "C" NOT NULL,
    dedupe_key TEXT COLLATE "C" NOT NULL UNIQUE,
    event TEXT COLLATE "C" NOT NULL,
    system TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    vendor_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX hand_off_engagement ON hand_off (engagement_id, sequence);
CREATE TABLE time_entry (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    employee_id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    project_code TEXT COLLATE "C" NOT NULL,
    contract_id TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    work_date DATE NOT NULL,
    approved_on DATE NOT NULL,
    first_run DATE,
    reference TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX time_entry_contract ON time_entry (contract_id, work_date);
CREATE TABLE time_version (
    psa_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    entry_id TEXT COLLATE "C" NOT NULL REFERENCES time_entry (id),
    version INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    write_down_minutes INTEGER NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    overtime BOOLEAN NOT NULL,
    billable BOOLEAN NOT NULL,
    approved_on DATE NOT NULL,
    posted BOOLEAN NOT NULL,
    UNIQUE (entry_id, version)
);
CREATE INDEX time_version_unposted ON time_version (posted);
CREATE TABLE expense_item (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    project_code TEXT COLLATE "C" NOT NULL,
    contract_id TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    incurred_on DATE NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    minor_units BIGINT NOT NULL,
    receipt BOOLEAN NOT NULL,
    billable BOOLEAN NOT NULL,
    approved_on DATE NOT NULL,
    first_run DATE,
    reference TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX expense_item_contract ON expense_item (contract_id, incurred_on);
CREATE TABLE document (
    key TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    contract_id TEXT COLLATE "C" NOT NULL,
    contract_number TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    credit_memo BOOLEAN NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    erp_id TEXT COLLATE "C" NOT NULL,
    issue_date DATE NOT NULL,
    due_date DATE NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    open BIGINT NOT NULL,
    line_count INTEGER NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX document_engagement ON document (engagement_id);
CREATE INDEX document_contract ON document (contract_id);
CREATE TABLE document_line (
    document_key TEXT COLLATE "C" NOT NULL REFERENCES document (key),
    line_no INTEGER NOT NULL,
    contract_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    minor_units BIGINT NOT NULL,
    PRIMARY KEY (document_key, line_no)
);
CREATE INDEX document_line_contract ON document_line (contract_id, source);
CREATE TABLE posting (
    key TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    natural_key TEXT COLLATE "C" NOT NULL,
    body_hash TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    waits_for TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    vendor_id TEXT COLLATE "C" NOT NULL,
    vendor_number TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX posting_due ON posting (kind, state, due_at);
CREATE INDEX posting_waits ON posting (waits_for);
