//! Cases of `transaction_price.json`.

use crate::given::Operation;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[];
