//! The rows, one file for each kind.

mod burst;
mod bus;
mod calls;
mod dashboards;
mod inserts;
mod intake;
mod quota;
mod scale;
mod start;
mod tiers;
mod to_the_end;
mod vendor_record;
mod web;
mod year;

use anyhow::Result;
use futures::future::BoxFuture;

use crate::field::Field;
use crate::row::Row;

/// What measures rows.
pub(crate) struct Kind {
    /// Name, for `--only`.
    pub(crate) name: &'static str,
    /// Measures them.
    pub(crate) measure: for<'a> fn(&'a Field) -> BoxFuture<'a, Result<Vec<Row>>>,
}

/// All of them, in the order of the table.
pub(crate) const ALL: &[Kind] = &[
    Kind {
        name: "calls",
        measure: |field| Box::pin(calls::measure(field)),
    },
    Kind {
        name: "web",
        measure: |field| Box::pin(web::measure(field)),
    },
    Kind {
        name: "tiers",
        measure: |field| Box::pin(tiers::measure(field)),
    },
    Kind {
        name: "intake-postgres",
        measure: |field| Box::pin(intake::postgres(field)),
    },
    Kind {
        name: "intake-sqlite",
        measure: |field| Box::pin(intake::sqlite(field)),
    },
    Kind {
        name: "to-the-end",
        measure: |field| Box::pin(to_the_end::measure(field)),
    },
    Kind {
        name: "burst",
        measure: |field| Box::pin(burst::measure(field)),
    },
    Kind {
        name: "scale",
        measure: |field| Box::pin(scale::measure(field)),
    },
    Kind {
        name: "quota",
        measure: |field| Box::pin(quota::measure(field)),
    },
    Kind {
        name: "vendor-record",
        measure: |field| Box::pin(vendor_record::measure(field)),
    },
    Kind {
        name: "bus",
        measure: |field| Box::pin(bus::measure(field)),
    },
    Kind {
        name: "dashboards",
        measure: |field| Box::pin(dashboards::measure(field)),
    },
    Kind {
        name: "start",
        measure: |field| Box::pin(start::measure(field)),
    },
    Kind {
        name: "year",
        measure: |field| Box::pin(year::measure(field)),
    },
];
