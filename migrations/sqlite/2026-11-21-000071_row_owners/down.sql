DROP INDEX time_entry_employee;
ALTER TABLE line_repair DROP COLUMN subject;
ALTER TABLE period_close DROP COLUMN frozen_subject;
DROP INDEX document_legal_entity;
ALTER TABLE document DROP COLUMN legal_entity_code;
ALTER TABLE document DROP COLUMN customer_id;
