//! The tables of the quota. This crate owns them; the query file is compiled once for each back end.

pub(crate) mod rows;
pub(crate) mod schema;

use strata_store::Tables;

/// The tables of this crate. What is held means something only while its members live.
pub const TABLES: Tables = Tables {
    owner: "quota",
    kept: &["vendor_quota"],
    passing: &["vendor_quota_share"],
};

#[path = "../queries"]
pub(crate) mod pg {
    pub(crate) type Conn = diesel::PgConnection;
    pub(crate) mod quota;
}
#[expect(clippy::duplicate_mod, reason = "the same queries for the other back end")]
#[path = "../queries"]
pub(crate) mod lite {
    pub(crate) type Conn = diesel::SqliteConnection;
    pub(crate) mod quota;
}
