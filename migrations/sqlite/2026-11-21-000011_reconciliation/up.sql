CREATE TABLE finding (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    subject TEXT NOT NULL,
    psa_id TEXT NOT NULL,
    project_code TEXT NOT NULL,
    work_date DATE NOT NULL,
    psa_minutes INTEGER NOT NULL,
    erp_minutes INTEGER NOT NULL,
    erp_ids TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    found_at TIMESTAMP NOT NULL,
    mended_at TIMESTAMP
);
CREATE INDEX finding_open ON finding (state, work_date);
ALTER TABLE time_version ADD COLUMN approved_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE time_version SET approved_at = approved_on || ' 00:00:00';
CREATE INDEX time_entry_day ON time_entry (work_date, id);
CREATE INDEX document_line_kind ON document_line (kind, document_key, source);
