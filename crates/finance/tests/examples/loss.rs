//! Cases of `loss_contracts.json`.

use crate::given::Operation;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[];
