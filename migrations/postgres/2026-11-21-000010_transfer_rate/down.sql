DROP TABLE transfer_rate;
