//! One run over one contract.

use std::collections::HashSet;

use strata_kernel::{Error, Money, Result};

use super::milestone::bill_milestones;
use super::overage::bill_overage;
use super::{Held, HoursBasis, Line, LineKind, Outcome, Priced, Run, TimeEntry, document_of, expense, price_time, time};
use crate::amount::{difference, sum};
use crate::cap::within;
use crate::reason;

/// Bills what is due on a run date for work up to a month end.
///
/// An entry counts when its original was approved by the run date and its work date is not after the month
/// end; its minutes are those of the newest version known on the run date. A source that cannot be priced is
/// held with its reason while the others are billed. The order of the sources changes nothing.
///
/// Refuses the whole run when two sources share an id, when amounts of another currency are passed in, and
/// with `AMOUNT_OVERFLOW` when a total leaves its range.
/// Every source is rounded once, in minor units of the contract's currency; sums are not. Source: target less billed,
/// decision 0008; right to invoice, ASC 606-10-55-18; EN 16931 for the document's totals.
pub fn bill(run: &Run<'_>) -> Result<Outcome> {
    check(run)?;
    let mut outcome = Outcome::nothing(run.terms.currency);
    match run.terms.hours {
        HoursBasis::Rate => {
            bill_time(run, &mut outcome);
            adjust_to_cap(run, &mut outcome)?;
        }
        HoursBasis::Overage(terms) => bill_overage(run, &terms, &mut outcome)?,
        HoursBasis::Never => {}
    }
    bill_milestones(run, &mut outcome);
    bill_expenses(run, &mut outcome);
    outcome.document = document_of(run.terms, &outcome.lines, run.run_date)?;
    Ok(outcome)
}

fn bill_time(run: &Run<'_>, outcome: &mut Outcome) {
    let mut due: Vec<&TimeEntry> = run.time.iter().filter(|entry| entry.work_date <= run.month_end).collect();
    due.sort_by(|left, right| (left.work_date, &left.id).cmp(&(right.work_date, &right.id)));
    for entry in due {
        if entry.billed.is_none() && !entry.version_on(run.run_date).is_some_and(|version| version.billable) {
            continue;
        }
        if let Err(error) = bill_entry(run, entry, outcome) {
            outcome.held.push(Held {
                source_id: entry.id.clone(),
                error,
            });
        }
    }
}

fn bill_entry(run: &Run<'_>, entry: &TimeEntry, outcome: &mut Outcome) -> Result<()> {
    let Some(price) = price_time(run.terms, run.rates, entry, run.run_date)? else {
        return Ok(());
    };
    outcome.lines.extend(time::lines(entry, &price)?);
    if entry.billed.is_none_or(|billed| billed.net != price.amount) {
        outcome.priced.push(Priced {
            source_id: entry.id.clone(),
            net: price.amount,
            first_run_on: entry.billed.map_or(run.run_date, |billed| billed.first_run_on),
        });
    }
    Ok(())
}

/// Time billed to date is the lesser of its gross and the cap known on the run date. What this run may bill
/// is that, less what was billed before; the difference from what it would bill is one line of its own, so
/// that credits give room back and a raised cap frees what stood above the old one.
fn adjust_to_cap(run: &Run<'_>, outcome: &mut Outcome) -> Result<()> {
    let Some(cap) = &run.terms.cap else { return Ok(()) };
    let known = cap.known_on(run.run_date);
    let gross = sum(outcome.lines.iter().map(|line| line.amount), run.terms.currency)?;
    let before = run.billed_before.gross.plus(run.billed_before.cap_adjustment)?;
    // A cap that was lowered below what is billed bills nothing more, and credits nothing by itself. What corrections
    // take back is no room for other work then.
    let is_correction = |line: &&Line| matches!(line.kind, LineKind::TimeCredit | LineKind::TimeRebill);
    let corrections = outcome.lines.iter().filter(is_correction).map(|line| line.amount);
    let taken_back = sum(corrections, run.terms.currency)?.minor.min(0);
    let kept = before.plus(Money::new(taken_back, known.currency))?;
    let cap = Money::new(known.minor.max(kept.minor), known.currency);
    if known.minor < before.minor {
        outcome.warnings.push(below_billed(run, known, before));
    }
    let to_date = within(run.billed_before.gross.plus(gross)?, cap)?;
    let now = difference(to_date.billable, before)?;
    let adjustment = difference(now, gross)?;
    outcome.over_cap = to_date.over_cap;
    if adjustment.minor != 0 {
        outcome.lines.push(Line {
            kind: LineKind::CapAdjustment,
            source_id: run.terms.contract.clone(),
            project: String::new(),
            date: None,
            amount: adjustment,
            minutes: 0,
            rate: None,
        });
    }
    Ok(())
}

fn below_billed(run: &Run<'_>, cap: Money, billed: Money) -> Error {
    let currency = run.terms.currency;
    let text = format!(
        "the cap of {} is {cap} {currency}, and {billed} {currency} are billed; credit the difference or raise the cap",
        run.terms.contract
    );
    Error::precondition(reason::CAP_BELOW_BILLED, text).at("cap")
}

fn bill_expenses(run: &Run<'_>, outcome: &mut Outcome) {
    let mut due: Vec<_> = run.expenses.iter().filter(|item| expense::is_due(run, item)).collect();
    due.sort_by(|left, right| (left.incurred_on, &left.id).cmp(&(right.incurred_on, &right.id)));
    for item in due {
        match expense::price(run, item) {
            Ok(amount) => {
                outcome.priced.push(Priced {
                    source_id: item.id.clone(),
                    net: amount,
                    first_run_on: run.run_date,
                });
                if amount.minor != 0 {
                    outcome.lines.push(expense::line(item, amount));
                }
            }
            Err(error) => outcome.held.push(Held {
                source_id: item.id.clone(),
                error,
            }),
        }
    }
}

fn check(run: &Run<'_>) -> Result<()> {
    let mut ids = HashSet::with_capacity(run.time.len() + run.expenses.len());
    let sources = run
        .time
        .iter()
        .map(|entry| &entry.id)
        .chain(run.expenses.iter().map(|item| &item.id))
        .chain(run.milestones.iter().map(|milestone| &milestone.id));
    for id in sources {
        if !ids.insert(id) {
            return Err(Error::invalid("id", format!("source \"{id}\" is in the run twice")));
        }
    }
    let caps = run.terms.cap.iter().flat_map(|cap| cap.amended.values().chain([&cap.signed]));
    let billed = run
        .time
        .iter()
        .filter_map(|entry| entry.billed.as_ref().map(|billed| &billed.net));
    let before = [&run.billed_before.gross, &run.billed_before.cap_adjustment];
    let fixed = run.milestones.iter().map(|milestone| &milestone.amount);
    match caps
        .chain(billed)
        .chain(before)
        .chain(run.overage_before.values())
        .chain(fixed)
        .find(|money| money.currency != run.terms.currency)
    {
        Some(money) => Err(Error::invalid(
            "currency",
            format!(
                "an amount in {} is in a run of a contract in {}",
                money.currency, run.terms.currency
            ),
        )),
        None => Ok(()),
    }
}
