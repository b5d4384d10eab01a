CREATE TABLE transfer_rate (
    id TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    delivering_entity_code TEXT COLLATE "C" NOT NULL,
    contracting_entity_code TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    hourly_rate TEXT COLLATE "C" NOT NULL,
    effective_date DATE NOT NULL,
    effective_end_date DATE,
    PRIMARY KEY (id, recorded_at)
);
CREATE INDEX transfer_rate_pair ON transfer_rate (delivering_entity_code, contracting_entity_code);
