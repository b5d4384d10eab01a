//! What the generator says of a firm.

use std::collections::BTreeMap;

use serde::Deserialize;
use strata_kernel::Date;

/// The manifest of a firm's folder.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// Time entries asked for.
    pub entries: u64,
    /// Seed.
    pub seed: i64,
    /// Year that is lived.
    pub year: i32,
    /// Last day that is known.
    pub as_of: Date,
    /// Files by name without ending.
    pub files: BTreeMap<String, FileFacts>,
}

/// What a file must hold.
#[derive(Debug, Clone, Deserialize)]
pub struct FileFacts {
    /// Records in it.
    pub rows: u64,
}
