-- Something happened in a month. A row for each time, added and never changed: who writes facts of the same month side by side does not
-- wait for others. Whoever compares the month takes them away, and counts them in balance_month.
CREATE TABLE balance_touch (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period TEXT COLLATE "C" NOT NULL
);
CREATE INDEX balance_touch_period ON balance_touch (period);
