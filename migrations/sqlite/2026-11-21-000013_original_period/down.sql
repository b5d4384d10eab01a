ALTER TABLE posting DROP COLUMN original_period;
