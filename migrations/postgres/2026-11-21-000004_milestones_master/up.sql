CREATE TABLE milestone (
    code TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    contract_number TEXT COLLATE "C" NOT NULL,
    amendment_number TEXT COLLATE "C" NOT NULL,
    sequence INTEGER NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX milestone_contract ON milestone (contract_number, sequence, code);
