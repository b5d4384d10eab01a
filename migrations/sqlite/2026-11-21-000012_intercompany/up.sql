CREATE TABLE intercompany_charge (
    run_period TEXT NOT NULL,
    delivering_entity_code TEXT NOT NULL,
    contracting_entity_code TEXT NOT NULL,
    work_period TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    minor_units BIGINT NOT NULL,
    known_on DATE NOT NULL,
    correlation_id TEXT NOT NULL,
    PRIMARY KEY (run_period, delivering_entity_code, contracting_entity_code, work_period)
);
CREATE INDEX intercompany_charge_pair ON intercompany_charge (delivering_entity_code, contracting_entity_code, work_period);
