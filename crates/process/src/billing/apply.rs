//! What the books say of a document of ours becomes what we say of it.

use strata_contract::money;
use strata_contract::strata::process::billing::v1::DocumentChanged;
use strata_contract::strata::system::erp::v1 as erp;
use strata_events::Event;
use strata_kernel::{Currency, Instant, Money, Result};
use strata_store::{Conn, both};

use super::ledger::{self, Lookup};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs::{self, HandOff};
use crate::positions;
use crate::store::rows::DocumentRow;
use crate::store::{lite, pg};

/// Name of the event that tells that a document was posted, or that what is paid of it changed: the type of `DocumentChanged` without
/// its version.
pub(crate) const DOCUMENT_CHANGED_NAME: &str = "strata.billing.document.changed";

/// A tax of the ERP's that differs from ours by more than this many minor units is a mismatch.
const TAX_TOLERANCE: i64 = 1;

/// Applies what the books say, in the caller's transaction. False: it is what we say already, or the document
/// is not ours.
///
/// `in_books` is what is compared with what was sent, after a look-up or from the feed as `lookup` says. None: nobody said what the
/// books hold.
pub(crate) fn apply(
    conn: &mut Conn<'_>,
    posted: &erp::PostedDocument,
    in_books: Option<&erp::BookedPosting>,
    lookup: Lookup,
    system: &str,
    now: Instant,
) -> Result<bool> {
    let Some(held) = both!(conn, documents::get(&posted.key))? else {
        return Ok(false);
    };
    ledger::certain(conn, &held.key, (&posted.id, &posted.number), in_books, lookup, now)?;
    let minor = |amount: Option<&_>, otherwise| {
        amount
            .map(money)
            .transpose()
            .map(|amount| amount.map_or(otherwise, |a| a.minor))
    };
    let row = DocumentRow {
        state: state(posted.state()).to_owned(),
        number: posted.number.clone(),
        erp_id: posted.id.clone(),
        net: minor(posted.net.as_ref(), held.net)?,
        tax: minor(posted.tax.as_ref(), held.tax)?,
        gross: minor(posted.gross.as_ref(), held.gross)?,
        open: minor(posted.open.as_ref(), held.open)?,
        ..held.clone()
    };
    if row == held {
        return Ok(false);
    }
    both!(conn, documents::update(&row))?;
    positions::touch(conn, positions::kind::DOCUMENT, std::slice::from_ref(&row.key), now)?;
    if (row.tax - held.tax).abs() > TAX_TOLERANCE {
        tell_mismatch(conn, &row, held.tax, now)?;
    }
    let currency = Currency::parse(&row.currency_code)?;
    let story = HandOff {
        key: format!("document:{}:{}:{}:{}", row.key, row.state, row.open, now.timestamp_micros()),
        event: event(&row.state, held.state == "RELEASED"),
        system: system.to_owned(),
        kind: "document",
        vendor_id: row.erp_id.clone(),
        state: word(&row.state),
        detail: format!(
            "{} {}: {} open of {} {}",
            row.number,
            row.period,
            Money::new(row.open, currency),
            Money::new(row.gross, currency),
            currency
        ),
    };
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, &[story], now)?;
    let distinct = format!("{}:{}:{}", row.state, row.open, now.timestamp_micros());
    let changed = DocumentChanged {
        key: row.key.clone(),
        state: word(&row.state).to_owned(),
        number: row.number.clone(),
    };
    let event = Event::told(&changed, &distinct, &row.correlation_id, now)?;
    strata_events::append(conn, &event)?;
    Ok(true)
}

/// The ERP's own tax wins, and finance is told when it is not the one that the contract leads to.
fn tell_mismatch(conn: &mut Conn<'_>, row: &DocumentRow, expected: i64, now: Instant) -> Result<()> {
    let currency = Currency::parse(&row.currency_code)?;
    let text = format!(
        "{}: the books say {} {currency} of tax, the contract leads to {}; check the tax code, then close this",
        row.number,
        Money::new(row.tax, currency),
        Money::new(expected, currency)
    );
    let problem = Problem::new("TAX_MISMATCH", "document", &row.key, Owner::Finance, text).at("tax");
    let (_, _, story) = exceptions::open(conn, &problem, &row.engagement_id, now)?;
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)
}

fn state(state: erp::DocumentState) -> &'static str {
    match state {
        erp::DocumentState::PartPaid => "PART_PAID",
        erp::DocumentState::Paid => "PAID",
        erp::DocumentState::Voided => "VOIDED",
        erp::DocumentState::Posted | erp::DocumentState::Unspecified => "POSTED",
    }
}

/// The word for a state, as people and the CRM read it.
pub(super) fn word(state: &str) -> &'static str {
    match state {
        "RELEASED" => "released",
        "PART_PAID" => "part_paid",
        "PAID" => "paid",
        "VOIDED" => "voided",
        _ => "posted",
    }
}

fn event(state: &str, first: bool) -> &'static str {
    match (first, state) {
        (true, _) => "invoice posted",
        (false, "PAID") => "invoice paid",
        (false, "PART_PAID") => "payment received",
        (false, "VOIDED") => "invoice voided",
        (false, _) => "invoice changed",
    }
}
