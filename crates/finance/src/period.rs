//! Accounting periods: on which day an amount is posted.
