//! Fills a PostgreSQL database with facts by the million, fast: the rows that approving, billing and recognising would have left, written
//! by the database itself.

use anyhow::Context;
use diesel::sql_types::{Array, BigInt, Binary};
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use prost::Message;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::erp::v1::TimePosting;

/// How many of what.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Time entries, one posting each.
    pub lines: i64,
    /// Projects.
    pub projects: i64,
    /// Contracts, with a document and revenue in each month.
    pub contracts: i64,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            lines: 1_000_000,
            projects: 5_000,
            contracts: 2_000,
        }
    }
}

/// Different amounts of time: 15 minutes to 8 hours.
const AMOUNTS: i32 = 32;

/// Writes the facts. The migrations must have run, and the tables must be empty.
///
/// # Errors
/// When the database refuses them.
pub fn seed(url: &str, size: Size) -> anyhow::Result<()> {
    let mut conn = PgConnection::establish(url).context("no connection")?;
    let Size {
        lines,
        projects,
        contracts,
    } = size;
    sql_query(
        "INSERT INTO position_owner (id, contract_number, engagement_id, customer_id, legal_entity_code, lead_project_code) \
         SELECT 'ctr_' || c, 'CT-' || lpad(c::text, 5, '0'), 'eng_' || c, 'cus_' || c % 500, \
         (ARRAY['US01', 'DE01', 'IN01'])[1 + c % 3], 'PR-' || lpad(c::text, 5, '0') FROM generate_series(0, $1 - 1) c",
    )
    .bind::<BigInt, _>(contracts)
    .execute(&mut conn)?;
    time(&mut conn, 0, lines, projects, contracts)?;
    sql_query(
        "INSERT INTO document (key, engagement_id, contract_id, contract_number, period, credit_memo, state, number, erp_id, issue_date, \
         due_date, currency_code, net, tax, gross, open, line_count, correlation_id, timing) \
         SELECT 'inv:' || c || ':' || m, 'eng_' || c, 'ctr_' || c, 'CT-' || lpad(c::text, 5, '0'), '2025-' || lpad(m::text, 2, '0'), FALSE, \
         'POSTED', '', '', make_date(2025, m, 5), make_date(2025, m, 28), 'USD', 900000 + c % 977, 0, 900000, 0, 1, '', 'ARREARS' \
         FROM generate_series(0, $1 - 1) c, generate_series(1, 12) m",
    )
    .bind::<BigInt, _>(contracts)
    .execute(&mut conn)?;
    sql_query(
        "INSERT INTO document_line (document_key, line_no, contract_id, kind, source, minor_units) \
         SELECT key, 1, contract_id, 'fee', 'fee:' || key, net FROM document",
    )
    .execute(&mut conn)?;
    sql_query(
        "INSERT INTO revenue_event (key, contract_id, contract_number, engagement_id, period, kind, contract_type, measure, currency_code, \
         cumulative_before, cumulative, amount, known_on, basis, warning, state, journal_key, erp_id, correlation_id) \
         SELECT 'rev:' || c || ':' || m, 'ctr_' || c, 'CT-' || lpad(c::text, 5, '0'), 'eng_' || c, '2025-' || lpad(m::text, 2, '0'), \
         'REVENUE', 'CONTRACT_TYPE_TIME', 'TIME_AND_MATERIAL', 'USD', 0, 0, 910000 + c % 1013, make_date(2025, m, 8), '', '', 'POSTED', \
         '', '', '' FROM generate_series(0, $1 - 1) c, generate_series(1, 12) m",
    )
    .bind::<BigInt, _>(contracts)
    .execute(&mut conn)?;
    for table in [
        "time_entry",
        "posting",
        "document",
        "document_line",
        "revenue_event",
        "position_owner",
    ] {
        sql_query(format!("ANALYZE {table}")).execute(&mut conn)?;
    }
    Ok(())
}

/// Approved time with its postings, of every second project a third of it unbilled. `from`: the number of the first entry.
fn time(conn: &mut PgConnection, from: i64, lines: i64, projects: i64, contracts: i64) -> anyhow::Result<()> {
    sql_query(
        "INSERT INTO time_entry (id, employee_id, project_id, project_code, contract_id, engagement_id, work_date, approved_on, first_run, \
         reference, correlation_id) \
         SELECT lpad(n::text, 9, '0'), 'emp_' || n % 700, 'prj_' || p, 'PR-' || lpad(p::text, 5, '0'), 'ctr_' || p % $4, 'eng_' || p % $4, \
         DATE '2025-01-01' + (n % 365)::int, DATE '2025-01-04' + (n % 365)::int, \
         CASE WHEN n % 3 <> 0 THEN DATE '2025-02-05' + (n % 365)::int END, 'TE-' || n, '' \
         FROM (SELECT n, (n * 7919) % $3 AS p FROM generate_series($1, $1 + $2 - 1) n) numbers",
    )
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(lines)
    .bind::<BigInt, _>(projects)
    .bind::<BigInt, _>(contracts)
    .execute(conn)?;
    sql_query(
        "INSERT INTO posting (key, kind, natural_key, body_hash, body, state, waits_for, attempts, due_at, vendor_id, vendor_number, reason, \
         message, engagement_id, correlation_id, created_at, updated_at, original_period, line, subject, period, legal_entity_code, \
         posting_date, currency_code, minutes, minor_units) \
         SELECT 'time:' || id || ':v1', 'time', reference, '', ($3::bytea[])[1 + n % 32], 'CONFIRMED', '', 1, now(), '', '', '', '', \
         engagement_id, '', now(), now(), '', id, project_code, to_char(work_date, 'YYYY-MM'), 'US01', work_date, 'USD', \
         15 * (1 + n % 32), 4000 * (1 + n % 32) \
         FROM (SELECT *, id::bigint AS n FROM time_entry WHERE id >= lpad($1::text, 9, '0') AND id < lpad(($1 + $2)::text, 9, '0')) entries",
    )
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(lines)
    .bind::<Array<Binary>, _>((1..=AMOUNTS).map(body).collect::<Vec<_>>())
    .execute(conn)?;
    Ok(())
}

/// More approved time in one transaction, with what tells that it is to be added up, as the product writes it.
pub(crate) fn more(conn: &mut PgConnection, from: i64, lines: i64, size: Size) -> anyhow::Result<()> {
    conn.transaction(|conn| {
        time(conn, from, lines, size.projects, size.contracts)?;
        sql_query(
            "INSERT INTO position_touch (kind, line, touched_at) \
             SELECT 'time', lpad(n::text, 9, '0'), now() AT TIME ZONE 'utc' FROM generate_series($1, $1 + $2 - 1) n",
        )
        .bind::<BigInt, _>(from)
        .bind::<BigInt, _>(lines)
        .execute(conn)?;
        Ok(())
    })
}

/// The body of a posting over some quarters of an hour.
fn body(quarters: i32) -> Vec<u8> {
    let usd = |minor_units: i64| {
        Some(Money {
            currency_code: "USD".to_owned(),
            minor_units,
        })
    };
    TimePosting {
        minutes: 15 * quarters,
        billable_minutes: 15 * quarters,
        bill_amount: usd(4_000 * i64::from(quarters)),
        cost_amount: usd(1_700 * i64::from(quarters)),
        ..TimePosting::default()
    }
    .encode_to_vec()
}
