CREATE TABLE milestone (
    code TEXT PRIMARY KEY NOT NULL,
    contract_number TEXT NOT NULL,
    amendment_number TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX milestone_contract ON milestone (contract_number, sequence, code);
