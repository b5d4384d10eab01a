DROP TABLE revenue_event;
