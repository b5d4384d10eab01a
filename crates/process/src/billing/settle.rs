//! Stores what became of time postings, those of an answer together.

use std::collections::HashMap;

use prost::Message;
use strata_contract::money;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_kernel::{Error, Instant, Money, Result};
use strata_rpc::known_reason;
use strata_store::{Conn, both};

use super::ledger::{self, Lookup};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs::{self, HandOff};
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

/// What became of the postings of a call, as rows to store together.
#[derive(Default)]
pub(super) struct Ended {
    confirmed: Vec<PostingRow>,
    unknown: Vec<PostingRow>,
    refused: Vec<(PostingRow, Problem)>,
    /// They are sent again, in a later period.
    pub(super) moved: Vec<PostingRow>,
}

impl Ended {
    /// Without an outcome nobody knows.
    pub(super) fn add(&mut self, row: &PostingRow, outcome: Option<&WriteOutcome>, now: Instant) -> Result<()> {
        let row = row.clone();
        match outcome.map(|outcome| (outcome.state(), outcome)) {
            Some((State::Confirmed, outcome)) => self.confirmed.push(PostingRow {
                vendor_id: outcome.vendor_id.clone(),
                ..row
            }),
            Some((State::Rejected, outcome)) => {
                let text = format!("{} ({})", outcome.message, row.natural_key);
                let problem = rejected(&row.key, &outcome.reason, text).worth(worth(&row)?);
                self.refused.push((row, problem));
            }
            Some((State::Unknown | State::Unspecified, _)) | None => self.unknown.push(PostingRow {
                state: "UNKNOWN".to_owned(),
                updated_at: now.naive_utc(),
                ..row
            }),
        }
        Ok(())
    }

    pub(super) fn store(self, conn: &mut Conn<'_>, system: &str, now: Instant) -> Result<()> {
        ledger::put(conn, &self.moved, Lookup::None)?;
        ledger::put(conn, &self.unknown, Lookup::None)?;
        for (row, problem) in self.refused {
            refuse(conn, row, problem, now)?;
        }
        confirm(conn, self.confirmed, ("CONFIRMED", Lookup::None), system, now)
    }
}

/// A posting is not taken, and finance is told why.
pub(super) fn refuse(conn: &mut Conn<'_>, row: PostingRow, problem: Problem, now: Instant) -> Result<()> {
    let row = PostingRow {
        state: "REJECTED".to_owned(),
        reason: problem.cause.to_owned(),
        message: problem.message.clone(),
        updated_at: now.naive_utc(),
        ..row
    };
    ledger::put(conn, std::slice::from_ref(&row), Lookup::None)?;
    let (_, _, story) = exceptions::open(conn, &problem, &row.engagement_id, now)?;
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)
}

/// What a posting of time may bill, or what it costs when nobody is billed.
fn worth(row: &PostingRow) -> Result<Option<Money>> {
    let body = TimePosting::decode(row.body.as_slice()).map_err(Error::internal)?;
    body.bill_amount.or(body.cost_amount).as_ref().map(money).transpose()
}

/// A posting that the ERP refuses.
pub(super) fn rejected(key: &str, reason: &str, message: impl Into<String>) -> Problem {
    Problem::new(known_reason(reason), "posting", key, Owner::Finance, message)
}

/// The books hold postings, with the ids that their rows have. Whatever was open about them is resolved.
pub(super) fn confirm(
    conn: &mut Conn<'_>,
    rows: Vec<PostingRow>,
    (state, lookup): (&str, Lookup),
    system: &str,
    now: Instant,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = ledger::settled(conn, rows, state, lookup, now)?;
    let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    let mut open: HashMap<String, Vec<String>> = HashMap::new();
    for (key, id) in both!(conn, exceptions::open_of_all("posting", &keys))? {
        open.entry(key).or_default().push(id);
    }
    let mut stories: Vec<(&PostingRow, HandOff)> = Vec::new();
    for row in &rows {
        let posted = HandOff::done("time posted", system, "time_posting", &row.key, &row.vendor_id);
        stories.push((row, posted.saying(row.said())));
        for id in open.get(&row.key).into_iter().flatten() {
            stories.extend(exceptions::resolve(conn, id, now)?.map(|resolved| (row, resolved)));
        }
    }
    let news = stories
        .iter()
        .map(|(row, news)| (row.engagement_id.as_str(), row.correlation_id.as_str(), news));
    hand_offs::record_all(conn, news, now)
}
