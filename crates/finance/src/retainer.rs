//! Retainers, deferred revenue and deposits.
