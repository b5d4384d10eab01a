-- Sums over time, revenue and documents. All of it follows from the facts, and can be thrown away.
-- Facts that changed since they were added up. Written with the fact, taken away with the sum.
CREATE TABLE position_touch (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    line TEXT NOT NULL,
    touched_at TIMESTAMP NOT NULL
);
CREATE INDEX position_touch_time ON position_touch (touched_at);
-- Whose a contract or an internal project is, by our id.
CREATE TABLE position_owner (
    id TEXT PRIMARY KEY NOT NULL,
    contract_number TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    legal_entity_code TEXT NOT NULL,
    lead_project_code TEXT NOT NULL
);
CREATE INDEX position_owner_contract ON position_owner (contract_number);
-- What a fact adds to the sums, as it was added last.
CREATE TABLE position_line (
    generation BIGINT NOT NULL,
    kind TEXT NOT NULL,
    line TEXT NOT NULL,
    project_code TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    contract_number TEXT NOT NULL,
    period TEXT NOT NULL,
    state TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    unbilled_entries BIGINT NOT NULL,
    unbilled_minutes BIGINT NOT NULL,
    unbilled_minor BIGINT NOT NULL,
    value_minor BIGINT NOT NULL,
    earned_minor BIGINT NOT NULL,
    billed_minor BIGINT NOT NULL,
    cost_currency_code TEXT NOT NULL,
    cost_minutes BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    PRIMARY KEY (generation, kind, line, project_code, currency_code, cost_currency_code)
);
CREATE INDEX position_line_contract ON position_line (generation, contract_number, kind, line);
-- The sums: by project and by contract, of each month and to date (period empty), in each currency.
CREATE TABLE position_cell (
    generation BIGINT NOT NULL,
    level TEXT NOT NULL,
    contract_number TEXT NOT NULL,
    project_code TEXT NOT NULL,
    period TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    legal_entity_code TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    unbilled_entries BIGINT NOT NULL,
    unbilled_minutes BIGINT NOT NULL,
    unbilled_minor BIGINT NOT NULL,
    value_minor BIGINT NOT NULL,
    earned_minor BIGINT NOT NULL,
    billed_minor BIGINT NOT NULL,
    wip_minor BIGINT NOT NULL,
    cost_minutes BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    PRIMARY KEY (generation, level, contract_number, project_code, period, currency_code)
);
-- Lists in their order, and totals from the index alone.
CREATE INDEX position_cell_unbilled
    ON position_cell (generation, level, period, currency_code, unbilled_minor DESC, contract_number, project_code, unbilled_entries, unbilled_minutes)
    WHERE unbilled_entries <> 0;
CREATE INDEX position_cell_wip
    ON position_cell (generation, level, period, currency_code, wip_minor DESC, contract_number, project_code, earned_minor, billed_minor);
CREATE INDEX position_cell_earned
    ON position_cell (generation, level, period, currency_code, earned_minor DESC, contract_number, project_code, cost_minutes, cost_minor);
CREATE INDEX position_cell_earning ON position_cell (generation, level, contract_number, period) WHERE earned_minor <> 0;
CREATE INDEX position_cell_project ON position_cell (generation, project_code);
CREATE INDEX position_cell_customer ON position_cell (generation, customer_id);
-- Which generation is shown, and how far another one is built.
CREATE TABLE position_state (
    name TEXT PRIMARY KEY NOT NULL,
    generation BIGINT NOT NULL,
    building BIGINT NOT NULL,
    kind TEXT NOT NULL,
    after TEXT NOT NULL,
    built_at TIMESTAMP
);
-- Which documents have a line of a source.
CREATE INDEX document_line_source ON document_line (source);
