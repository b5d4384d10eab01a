//! The tables of master data. This crate owns them; each query file is compiled once for each back end.

pub(crate) mod rows;
pub(crate) mod schema;

use strata_store::Tables;

/// The tables of this crate.
pub const TABLES: Tables = Tables {
    owner: "master",
    kept: &[
        "legal_entity",
        "cost_center",
        "receipt_limit",
        "exchange_rate",
        "customer",
        "engagement",
        "contract",
        "project",
        "task",
        "rate_line",
        "amendment",
        "milestone",
        "employee",
        "employment",
        "cost_rate",
        "transfer_rate",
        "cross_reference",
        "master_revision",
    ],
    passing: &[],
};

#[path = "../queries"]
pub(crate) mod pg {
    pub(crate) type Conn = diesel::PgConnection;
    pub(crate) mod contracts;
    pub(crate) mod engagements;
    pub(crate) mod milestones;
    pub(crate) mod reference;
    pub(crate) mod revision;
    pub(crate) mod transfer_rates;
    pub(crate) mod workforce;
    pub(crate) mod xrefs;
}
#[expect(clippy::duplicate_mod, reason = "the same queries for the other back end")]
#[path = "../queries"]
pub(crate) mod lite {
    pub(crate) type Conn = diesel::SqliteConnection;
    pub(crate) mod contracts;
    pub(crate) mod engagements;
    pub(crate) mod milestones;
    pub(crate) mod reference;
    pub(crate) mod revision;
    pub(crate) mod transfer_rates;
    pub(crate) mod workforce;
    pub(crate) mod xrefs;
}
