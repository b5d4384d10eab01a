//! Revenue of a contract: price, progress, modifications, balances, losses.
