CREATE TABLE run (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    state TEXT NOT NULL,
    input TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (kind, subject)
);
CREATE INDEX run_engagement ON run (engagement_id);
CREATE TABLE step (
    run_id TEXT NOT NULL REFERENCES run (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    after TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (run_id, name)
);
CREATE INDEX step_due ON step (state, due_at);
CREATE INDEX step_exception ON step (exception_id);
CREATE TABLE feed_cursor (feed TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE exception (
    id TEXT PRIMARY KEY NOT NULL,
    cause TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    owner_role TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    field TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP,
    retry_at TIMESTAMP,
    request_id TEXT NOT NULL
);
CREATE INDEX exception_object ON exception (object_kind, object_id);
CREATE INDEX exception_engagement ON exception (engagement_id);
CREATE TABLE hand_off (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    engagement_id TEXT NOT NULL,
    dedupe_key TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    correlation_id TEXT NOT NULL
);
CREATE INDEX hand_off_engagement ON hand_off (engagement_id, sequence);
CREATE TABLE time_entry (
    id TEXT PRIMARY KEY NOT NULL,
    employee_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    project_code TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    work_date DATE NOT NULL,
    approved_on DATE NOT NULL,
    first_run DATE,
    reference TEXT NOT NULL,
    correlation_id TEXT NOT NULL
);
CREATE INDEX time_entry_contract ON time_entry (contract_id, work_date);
CREATE TABLE time_version (
    psa_id TEXT PRIMARY KEY NOT NULL,
    entry_id TEXT NOT NULL REFERENCES time_entry (id),
    version INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    write_down_minutes INTEGER NOT NULL,
    role TEXT NOT NULL,
    overtime BOOLEAN NOT NULL,
    billable BOOLEAN NOT NULL,
    approved_on DATE NOT NULL,
    posted BOOLEAN NOT NULL,
    UNIQUE (entry_id, version)
);
CREATE INDEX time_version_unposted ON time_version (posted);
CREATE TABLE expense_item (
    id TEXT PRIMARY KEY NOT NULL,
    project_id TEXT NOT NULL,
    project_code TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    incurred_on DATE NOT NULL,
    category TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    minor_units BIGINT NOT NULL,
    receipt BOOLEAN NOT NULL,
    billable BOOLEAN NOT NULL,
    approved_on DATE NOT NULL,
    first_run DATE,
    reference TEXT NOT NULL,
    correlation_id TEXT NOT NULL
);
CREATE INDEX expense_item_contract ON expense_item (contract_id, incurred_on);
CREATE TABLE document (
    key TEXT PRIMARY KEY NOT NULL,
    engagement_id TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    contract_number TEXT NOT NULL,
    period TEXT NOT NULL,
    credit_memo BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    number TEXT NOT NULL,
    erp_id TEXT NOT NULL,
    issue_date DATE NOT NULL,
    due_date DATE NOT NULL,
    currency_code TEXT NOT NULL,
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    open BIGINT NOT NULL,
    line_count INTEGER NOT NULL,
    correlation_id TEXT NOT NULL
);
CREATE INDEX document_engagement ON document (engagement_id);
CREATE INDEX document_contract ON document (contract_id);
CREATE TABLE document_line (
    document_key TEXT NOT NULL REFERENCES document (key),
    line_no INTEGER NOT NULL,
    contract_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    minor_units BIGINT NOT NULL,
    PRIMARY KEY (document_key, line_no)
);
CREATE INDEX document_line_contract ON document_line (contract_id, source);
CREATE TABLE posting (
    key TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    natural_key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    waits_for TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    vendor_id TEXT NOT NULL,
    vendor_number TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX posting_due ON posting (kind, state, due_at);
CREATE INDEX posting_waits ON posting (waits_for);
