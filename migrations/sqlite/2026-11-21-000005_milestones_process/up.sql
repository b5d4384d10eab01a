CREATE TABLE milestone_acceptance (
    code TEXT PRIMARY KEY NOT NULL,
    contract_id TEXT NOT NULL,
    contract_number TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    psa_id TEXT NOT NULL,
    delivered BOOLEAN NOT NULL,
    accepted_on DATE,
    evidence TEXT NOT NULL,
    known_on DATE,
    approved_on DATE,
    approved_by TEXT NOT NULL,
    approval_request_id TEXT UNIQUE,
    first_run DATE
);
CREATE INDEX milestone_acceptance_contract ON milestone_acceptance (contract_id, accepted_on);
CREATE INDEX milestone_acceptance_engagement ON milestone_acceptance (engagement_id);
CREATE TABLE project_estimate (
    project_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    project_code TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    engagement_id TEXT NOT NULL,
    recorded_on DATE NOT NULL,
    minutes BIGINT NOT NULL,
    known_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, version)
);
CREATE INDEX project_estimate_contract ON project_estimate (contract_id, recorded_on);
CREATE INDEX project_estimate_code ON project_estimate (project_code, version);
