DROP INDEX document_line_kind;
DROP INDEX time_entry_day;
ALTER TABLE time_version DROP COLUMN approved_at;
DROP TABLE finding;
