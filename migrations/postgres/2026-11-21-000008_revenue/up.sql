CREATE TABLE revenue_event (
    key TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    contract_id TEXT COLLATE "C" NOT NULL,
    contract_number TEXT COLLATE "C" NOT NULL,
    engagement_id TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    contract_type TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    cumulative_before BIGINT NOT NULL,
    cumulative BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    known_on DATE NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    warning TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    journal_key TEXT COLLATE "C" NOT NULL,
    erp_id TEXT COLLATE "C" NOT NULL,
    correlation_id TEXT COLLATE "C" NOT NULL,
    UNIQUE (contract_id, kind, period)
);
CREATE INDEX revenue_event_period ON revenue_event (period, kind, contract_number);
CREATE INDEX revenue_event_contract ON revenue_event (contract_number, key);
CREATE INDEX revenue_event_journal ON revenue_event (journal_key);
