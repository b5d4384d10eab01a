DROP TABLE master_revision;
