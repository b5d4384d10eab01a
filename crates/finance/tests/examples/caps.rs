//! Cases of `caps_and_funding.json`.

use crate::given::Operation;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[];
