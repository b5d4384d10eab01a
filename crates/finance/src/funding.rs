//! Several payers of one contract: which source pays how much of a transaction.
