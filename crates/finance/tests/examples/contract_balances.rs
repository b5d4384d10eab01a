//! Cases of `contract_balances.json`.

use crate::given::Operation;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[];
