DROP TABLE store_note;
