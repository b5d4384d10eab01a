//! Milestones of a fixed price.

use strata_kernel::{Date, Money};

use super::{Line, LineKind, Outcome, Priced, Run};
use crate::fixed_fee::MilestoneState;

/// An accepted milestone of a fixed price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Id.
    pub id: String,
    /// Price.
    pub amount: Money,
    /// Day the customer accepted it.
    pub accepted_on: Date,
    /// Day finance approved it for billing.
    pub approved_on: Date,
    /// True when an earlier run billed it: a milestone bills once.
    pub billed: bool,
}

/// Bills the milestones that are due by the month end and approved by the run date.
pub(super) fn bill_milestones(run: &Run<'_>, outcome: &mut Outcome) {
    let is_due = |m: &&Milestone| {
        MilestoneState::known(m.billed, Some(m.accepted_on), run.month_end).is_due() && m.approved_on <= run.run_date
    };
    let mut due: Vec<&Milestone> = run.milestones.iter().filter(is_due).collect();
    due.sort_by(|left, right| (left.accepted_on, &left.id).cmp(&(right.accepted_on, &right.id)));
    for milestone in due {
        outcome.priced.push(Priced {
            source_id: milestone.id.clone(),
            net: milestone.amount,
            first_run_on: run.run_date,
        });
        if milestone.amount.minor != 0 {
            outcome.lines.push(Line {
                kind: LineKind::Milestone,
                source_id: milestone.id.clone(),
                project: String::new(),
                date: Some(milestone.accepted_on),
                amount: milestone.amount,
                minutes: 0,
                rate: None,
            });
        }
    }
}
