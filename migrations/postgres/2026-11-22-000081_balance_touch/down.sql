UPDATE balance_month SET touches = touches + 1 WHERE period IN (SELECT period FROM balance_touch);
DROP TABLE balance_touch;
