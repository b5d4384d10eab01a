//! The tables of the audit log. This crate owns them; the query file is compiled once for each back end.

pub(crate) mod rows;
pub(crate) mod schema;

use strata_store::Tables;

/// The tables of this crate.
pub const TABLES: Tables = Tables {
    owner: "audit",
    kept: &["audit_event", "audit_seal"],
    passing: &[],
};

#[path = "../queries"]
pub(crate) mod pg {
    pub(crate) type Conn = diesel::PgConnection;
    pub(crate) mod audit;
}
#[expect(clippy::duplicate_mod, reason = "the same queries for the other back end")]
#[path = "../queries"]
pub(crate) mod lite {
    pub(crate) type Conn = diesel::SqliteConnection;
    pub(crate) mod audit;
}
