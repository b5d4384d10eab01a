//! What happened in a seed, in order.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::fault::Fault;

/// The trace of a seed: a hash of every line, and the lines when somebody wants to read them.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    hash: Sha256,
    lines: Option<Vec<String>>,
    faults: BTreeMap<Fault, u64>,
}

impl Trace {
    /// An empty trace. `keep`: its lines are kept.
    pub(crate) fn new(keep: bool) -> Self {
        Self {
            lines: keep.then(Vec::new),
            ..Self::default()
        }
    }

    /// Adds a line.
    pub(crate) fn say(&mut self, line: &str) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        if let Some(lines) = &mut self.lines {
            lines.push(line.to_owned());
        }
    }

    /// Counts a fault that struck.
    pub(crate) fn struck(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// How often each kind of fault struck.
    pub(crate) fn faults(&self) -> &BTreeMap<Fault, u64> {
        &self.faults
    }

    /// The hash of all lines so far.
    pub(crate) fn digest(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    /// The lines, when they were kept.
    pub(crate) fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
