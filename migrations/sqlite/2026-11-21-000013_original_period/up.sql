-- Accounting period that a posting belongs to by its own day, when it is posted in a later one. Empty: it is posted in its own.
ALTER TABLE posting ADD COLUMN original_period TEXT NOT NULL DEFAULT '';
