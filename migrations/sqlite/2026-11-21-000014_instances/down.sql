DROP TABLE claim;
DROP TABLE instance;
