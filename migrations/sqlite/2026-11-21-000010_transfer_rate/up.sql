CREATE TABLE transfer_rate (
    id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    delivering_entity_code TEXT NOT NULL,
    contracting_entity_code TEXT NOT NULL,
    role TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    hourly_rate TEXT NOT NULL,
    effective_date DATE NOT NULL,
    effective_end_date DATE,
    PRIMARY KEY (id, recorded_at)
);
CREATE INDEX transfer_rate_pair ON transfer_rate (delivering_entity_code, contracting_entity_code);
