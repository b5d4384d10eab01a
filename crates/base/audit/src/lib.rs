//! Who did what, when: a row before each audited call and one after it, chained by their hashes and sealed by the day.
//!
//! Rows are only added; the tables themselves refuse everything else. Each row's hash covers the row and the hash of the row before it,
//! so a row that is changed, taken out or put in shows ([`Audit::verify`]). A seal closes a day; whoever keeps the last
//! seal elsewhere also notices when rows are cut off at the end. With a key seals cannot be made by who only has the database.
//!
//! A call that is killed half-way leaves its first row without a second: it may have had its effect or not.

mod append;
mod chain;
mod list;
mod seal;
mod store;
mod verify;

pub use append::{Done, keep_within};
pub use list::{Entry, Filter};
pub use seal::Seal;
pub use store::TABLES;
pub use verify::{Damage, Report};

use std::sync::Arc;

use strata_kernel::Clock;
use strata_store::Db;

/// The audit log in a database. Cloning shares it.
#[derive(Clone)]
pub struct Audit {
    db: Db,
    clock: Arc<dyn Clock>,
    key: Option<Arc<[u8]>>,
}

impl Audit {
    /// The log of a database whose migrations have run. `key`: what seals are made with. None: a plain hash, which keeps
    /// mistakes out and not those who can write the database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, key: Option<&str>) -> Self {
        Self {
            db,
            clock,
            key: key.map(|key| Arc::from(key.as_bytes())),
        }
    }
}
