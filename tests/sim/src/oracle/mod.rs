//! What must hold when everything has come to rest, whatever went wrong before. It shares no code with the product's rules: it
//! reads the tables as text, the vendors' records as they are, and computes with integers what people's acts come to.

mod money;
mod rest;
mod rows;
mod shown;
mod time;

pub(crate) use rows::{Rows, at, tables};

use crate::live::Work;
use crate::vendor::Vendors;
use crate::world::World;

/// What the oracle looks at, beside the tables.
pub(crate) struct Seen<'a> {
    /// Where it says what is wrong.
    pub(crate) world: &'a World,
    /// The vendors with their records.
    pub(crate) vendors: &'a Vendors,
    /// Time that was approved.
    pub(crate) work: &'a Work,
    /// Contracts that were won.
    pub(crate) contracts: &'a [String],
}

impl Seen<'_> {
    fn must(&self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.world.wrong(otherwise());
        }
    }
}

/// Notes every promise that was broken.
pub(crate) fn judge(seen: &Seen<'_>, rows: &Rows) {
    rest::judge(seen, rows);
    time::judge(seen, rows);
    money::judge(seen, rows);
    shown::judge(seen, rows);
}
