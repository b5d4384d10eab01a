//! What begins when a milestone becomes part of a contract: it is listed, and a run makes it in the PSA.
//!
//! A milestone, its contract and its amendment become known in any order. Whoever brings the last of them asks master data
//! which milestones count, so whatever the order, each begins once.

use strata_contract::strata::master::v1::{ContractMilestone, MilestoneStanding};
use strata_kernel::{Instant, Result};
use strata_store::{Conn, both};

use crate::engine::{self, NewRun, NewStep, Problem, kind};
use crate::exceptions::{self, Owner};
use crate::json;
use crate::store::rows::MilestoneRow;
use crate::store::{lite, pg};

/// Milestones to begin with, and those that can never count.
pub(crate) struct Begin {
    counting: Vec<(MilestoneRow, NewRun)>,
    foreign: Vec<Problem>,
}

impl Begin {
    /// Takes those that count now; the others wait.
    pub(crate) fn of(held: &[ContractMilestone]) -> Result<Self> {
        let (mut counting, mut foreign) = (Vec::new(), Vec::new());
        for one in held {
            match one.standing() {
                MilestoneStanding::InForce => counting.push(begin(one)?),
                MilestoneStanding::ForeignCurrency => foreign.push(foreign_currency(one)),
                _ => {}
            }
        }
        Ok(Self { counting, foreign })
    }

    /// Stores them, in the caller's transaction. What was begun before is left alone. Returns how much is news.
    pub(crate) fn store(&self, conn: &mut Conn<'_>, now: Instant) -> Result<u64> {
        let mut news = 0;
        for (row, run) in &self.counting {
            both!(conn, milestones::add(row))?;
            news += u64::from(engine::insert(conn, run, now)?);
        }
        Ok(news + exceptions::open_all(conn, &self.foreign, now)?)
    }
}

fn begin(held: &ContractMilestone) -> Result<(MilestoneRow, NewRun)> {
    let milestone = held.milestone.clone().unwrap_or_default();
    let run = NewRun {
        kind: kind::MILESTONE,
        subject: milestone.code.clone(),
        ordering_key: format!("milestone:{}", milestone.code),
        engagement_id: held.engagement_id.clone(),
        input: json::text(&milestone)?,
        steps: vec![NewStep::new("psa-milestone")],
    };
    let row = MilestoneRow {
        code: milestone.code,
        contract_id: held.contract_id.clone(),
        contract_number: milestone.contract_number,
        engagement_id: held.engagement_id.clone(),
        psa_id: String::new(),
        delivered: false,
        accepted_on: None,
        evidence: String::new(),
        known_on: None,
        approved_on: None,
        approved_by: String::new(),
        approval_request_id: None,
        first_run: None,
    };
    Ok((row, run))
}

/// The same exception as that of a milestone that master data refuses because its contract was there first.
fn foreign_currency(held: &ContractMilestone) -> Problem {
    let milestone = held.milestone.clone().unwrap_or_default();
    let text = format!(
        "milestone {} is not in the currency of contract {}, and does not count; record another one in that currency",
        milestone.code, milestone.contract_number
    );
    Problem::new("INVALID_FIELD", "milestone", &milestone.code, Owner::Sales, text).at("amount")
}
