//! The database's own clock.

use chrono::NaiveDateTime;
use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::Timestamp;
use strata_kernel::Result;

use crate::{Conn, db_error};

/// What time it is for the database, UTC. The one clock that all who share a database agree on: leases are measured
/// with it, whatever the machines' clocks say and whatever time is simulated.
///
/// # Errors
/// When the database cannot be asked.
pub fn now(conn: &mut Conn<'_>) -> Result<NaiveDateTime> {
    match conn {
        Conn::Pg(c) => diesel::select(sql::<Timestamp>("clock_timestamp() AT TIME ZONE 'utc'")).get_result(*c),
        Conn::Lite(c) => diesel::select(sql::<Timestamp>("strftime('%Y-%m-%d %H:%M:%f', 'now')")).get_result(*c),
    }
    .map_err(db_error)
}
