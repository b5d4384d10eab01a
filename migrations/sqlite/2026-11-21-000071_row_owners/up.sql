-- Whose a document is. Documents made before this do not say, and are shown to nobody who is confined.
ALTER TABLE document ADD COLUMN customer_id TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN legal_entity_code TEXT NOT NULL DEFAULT '';
CREATE INDEX document_legal_entity ON document (legal_entity_code, key);
-- Who did what somebody else has to approve, as a token said it. Empty: nobody was asked for one.
ALTER TABLE period_close ADD COLUMN frozen_subject TEXT NOT NULL DEFAULT '';
ALTER TABLE line_repair ADD COLUMN subject TEXT NOT NULL DEFAULT '';
-- Time is listed by person.
CREATE INDEX time_entry_employee ON time_entry (employee_id, id);
