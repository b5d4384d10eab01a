DROP INDEX document_line_source;
DROP TABLE position_state;
DROP TABLE position_cell;
DROP TABLE position_line;
DROP TABLE position_owner;
DROP TABLE position_touch;
