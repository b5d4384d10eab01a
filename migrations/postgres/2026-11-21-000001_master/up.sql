CREATE TABLE legal_entity (code TEXT COLLATE "C" PRIMARY KEY NOT NULL, body BYTEA NOT NULL);
CREATE TABLE cost_center (code TEXT COLLATE "C" PRIMARY KEY NOT NULL, legal_entity_code TEXT COLLATE "C" NOT NULL);
CREATE TABLE receipt_limit (currency_code TEXT COLLATE "C" PRIMARY KEY NOT NULL, minor_units BIGINT NOT NULL);
CREATE TABLE exchange_rate (
    from_currency TEXT COLLATE "C" NOT NULL,
    to_currency TEXT COLLATE "C" NOT NULL,
    date DATE NOT NULL,
    rate TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (from_currency, to_currency, date)
);
CREATE TABLE customer (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    country_code TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    vat_id_valid BOOLEAN NOT NULL,
    payment_terms_days INTEGER NOT NULL,
    crm_account_id TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE engagement (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    crm_opportunity_id TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customer (id),
    sold_currency TEXT COLLATE "C",
    sold_minor BIGINT,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE contract (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    engagement_id TEXT COLLATE "C" NOT NULL REFERENCES engagement (id),
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customer (id),
    legal_entity_code TEXT COLLATE "C" NOT NULL,
    terms BYTEA NOT NULL,
    tax_category INTEGER NOT NULL,
    tax_percent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX contract_engagement ON contract (engagement_id);
CREATE TABLE project (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    contract_id TEXT COLLATE "C" REFERENCES contract (id),
    legal_entity_code TEXT COLLATE "C" NOT NULL,
    cost_center_code TEXT COLLATE "C" NOT NULL,
    start_date DATE,
    roles TEXT COLLATE "C" NOT NULL
);
CREATE INDEX project_contract ON project (contract_id);
CREATE TABLE task (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES project (id),
    position INTEGER NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    billable BOOLEAN NOT NULL
);
CREATE INDEX task_project ON task (project_id);
CREATE TABLE rate_line (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    level INTEGER NOT NULL,
    level_key TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX rate_line_level ON rate_line (level, level_key);
CREATE TABLE amendment (
    number TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    contract_number TEXT COLLATE "C" NOT NULL,
    effective_date DATE NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX amendment_contract ON amendment (contract_number);
CREATE TABLE employee (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    hire_date DATE NOT NULL,
    termination_date DATE
);
CREATE TABLE employment (
    employee_id TEXT COLLATE "C" NOT NULL REFERENCES employee (id),
    effective_date DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    legal_entity_code TEXT COLLATE "C" NOT NULL,
    fte_percent INTEGER NOT NULL,
    PRIMARY KEY (employee_id, effective_date, recorded_at)
);
CREATE TABLE cost_rate (
    employee_id TEXT COLLATE "C" NOT NULL REFERENCES employee (id),
    effective_date DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    minor_units BIGINT NOT NULL,
    PRIMARY KEY (employee_id, effective_date, recorded_at)
);
CREATE TABLE cross_reference (
    system TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (system, kind, external_id)
);
CREATE INDEX cross_reference_id ON cross_reference (system, kind, id);
