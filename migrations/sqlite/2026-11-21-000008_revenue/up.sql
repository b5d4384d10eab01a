CREATE TABLE revenue_event (
    key TEXT PRIMARY KEY NOT NULL,
    contract_id TEXT NOT NULL,
    contract_number TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    contract_type TEXT NOT NULL,
    measure TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    cumulative_before BIGINT NOT NULL,
    cumulative BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    known_on DATE NOT NULL,
    basis TEXT NOT NULL,
    warning TEXT NOT NULL,
    state TEXT NOT NULL,
    journal_key TEXT NOT NULL,
    erp_id TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    UNIQUE (contract_id, kind, period)
);
CREATE INDEX revenue_event_period ON revenue_event (period, kind, contract_number);
CREATE INDEX revenue_event_contract ON revenue_event (contract_number, key);
CREATE INDEX revenue_event_journal ON revenue_event (journal_key);
