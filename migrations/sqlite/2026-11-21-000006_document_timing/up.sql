-- When a document bills. Documents made before this bill in arrears.
ALTER TABLE document ADD COLUMN timing TEXT NOT NULL DEFAULT 'ARREARS';
