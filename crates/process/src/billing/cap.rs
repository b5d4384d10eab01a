//! How much of a contract's cap is billed, told once per level and cap on the story of its engagement: work goes on, and nothing waits
//! for a person, but somebody should know before the customer does.

use strata_finance::billing::{LineKind, Outcome, TimeBilledBefore};
use strata_finance::cap::levels_reached;
use strata_finance::reason::CAP_WARNING;
use strata_kernel::{Date, Money, Result};

use super::Pricing;
use crate::hand_offs::{HandOff, PLATFORM};

/// The cap is used up.
const WHOLE: u32 = 100;

/// What is told after a run on `run_date`, of the level that is set (0: none) and of the whole cap.
pub(super) fn told(
    pricing: &Pricing,
    before: &TimeBilledBefore,
    outcome: &Outcome,
    run_date: Date,
    percent: u32,
) -> Result<Vec<HandOff>> {
    let Some(cap) = pricing.terms.cap.as_ref().map(|cap| cap.known_on(run_date)) else {
        return Ok(Vec::new());
    };
    let now = outcome.lines.iter().filter(|line| is_under_cap(line.kind));
    let before = before.gross.plus(before.cap_adjustment)?;
    let billed = now.map(|line| line.amount).try_fold(before, Money::plus)?;
    let levels: Vec<u32> = [percent, WHOLE].into_iter().filter(|level| *level > 0).collect();
    let reached = levels_reached(cap, billed, &levels)?;
    Ok(reached
        .into_iter()
        .map(|level| hand_off(pricing, cap, billed, level))
        .collect())
}

/// Expenses, and what is agreed beside, stand outside.
fn is_under_cap(kind: LineKind) -> bool {
    matches!(
        kind,
        LineKind::Time | LineKind::TimeCredit | LineKind::TimeRebill | LineKind::CapAdjustment
    )
}

fn hand_off(pricing: &Pricing, cap: Money, billed: Money, level: u32) -> HandOff {
    let contract = &pricing.terms.contract;
    let event = if level < WHOLE { "cap nearly reached" } else { "cap reached" };
    let text = format!(
        "{CAP_WARNING} {contract}: {billed} of at most {cap} {} are billed; agree a higher cap, or stop the work",
        cap.currency
    );
    HandOff::done(
        event,
        PLATFORM,
        "contract",
        &format!("{contract}:{level}:{}", cap.minor),
        &pricing.contract_id,
    )
    .saying(text)
}
