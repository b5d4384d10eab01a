//! Cases of `revenue_progress.json`.

use crate::given::Operation;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[];
