ALTER TABLE document DROP COLUMN timing;
