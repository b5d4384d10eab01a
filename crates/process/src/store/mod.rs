//! The tables of the process tier. This crate owns them; each query file is compiled once for each back end.

pub(crate) mod rows;
pub(crate) mod rows_books;
pub(crate) mod rows_positions;
pub(crate) mod schema;
pub(crate) mod schema_books;
pub(crate) mod schema_positions;

use strata_store::Tables;

/// The tables of this crate.
pub const TABLES: Tables = Tables {
    owner: "process",
    kept: &[
        "run",
        "step",
        "feed_cursor",
        "exception",
        "exception_action",
        "excepted_line",
        "line_edit",
        "bulk_action",
        "bulk_item",
        "hand_off",
        "time_entry",
        "time_version",
        "expense_item",
        "document",
        "document_line",
        "posting",
        "milestone_acceptance",
        "project_estimate",
        "revenue_event",
        "finding",
        "intercompany_charge",
        "posting_event",
        "book_record",
        "balance_line",
        "balance",
        "balance_month",
        "balance_touch",
        "line_repair",
        "period_close",
        "period_close_event",
    ],
    passing: &[
        "instance",
        "claim",
        "position_touch",
        "position_owner",
        "position_line",
        "position_cell",
        "position_state",
    ],
};

#[path = "../queries"]
pub(crate) mod pg {
    pub(crate) type Conn = diesel::PgConnection;
    pub(crate) mod balances;
    pub(crate) mod books;
    pub(crate) mod bulk;
    pub(crate) mod closes;
    pub(crate) mod cursors;
    pub(crate) mod documents;
    pub(crate) mod estimates;
    pub(crate) mod exception_actions;
    pub(crate) mod exceptions;
    pub(crate) mod findings;
    pub(crate) mod hand_offs;
    pub(crate) mod instances;
    pub(crate) mod intercompany;
    pub(crate) mod lines;
    pub(crate) mod milestones;
    pub(crate) mod position_cells;
    pub(crate) mod positions;
    pub(crate) mod postings;
    pub(crate) mod revenue;
    pub(crate) mod runs;
    pub(crate) mod work;
}
#[expect(clippy::duplicate_mod, reason = "the same queries for the other back end")]
#[path = "../queries"]
pub(crate) mod lite {
    pub(crate) type Conn = diesel::SqliteConnection;
    pub(crate) mod balances;
    pub(crate) mod books;
    pub(crate) mod bulk;
    pub(crate) mod closes;
    pub(crate) mod cursors;
    pub(crate) mod documents;
    pub(crate) mod estimates;
    pub(crate) mod exception_actions;
    pub(crate) mod exceptions;
    pub(crate) mod findings;
    pub(crate) mod hand_offs;
    pub(crate) mod instances;
    pub(crate) mod intercompany;
    pub(crate) mod lines;
    pub(crate) mod milestones;
    pub(crate) mod position_cells;
    pub(crate) mod positions;
    pub(crate) mod postings;
    pub(crate) mod revenue;
    pub(crate) mod runs;
    pub(crate) mod work;
}
