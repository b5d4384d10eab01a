DROP TABLE intercompany_charge;
