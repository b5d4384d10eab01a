DROP TABLE milestone;
