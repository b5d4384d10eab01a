//! Which record is acted on when.

use std::collections::HashSet;

use strata_kernel::Date;

use super::{
    Act, Calendar, DEAL_AHEAD_DAYS, EXPENSE_DELAY_DAYS, HIRE_AHEAD_DAYS, MEND_AFTER_DAYS, REJECT_AFTER_DAYS, after, before,
};
use crate::data::{Contract, Firm, SheetState};

/// Notes every fact of a firm.
pub(super) fn plan(firm: &Firm, calendar: &mut Calendar) {
    foundation(firm, calendar);
    people(firm, calendar);
    sales(firm, calendar);
    time(firm, calendar);
    expenses_and_cash(firm, calendar);
    fixed_fees(firm, calendar);
}

fn foundation(firm: &Firm, calendar: &mut Calendar) {
    let first = calendar.first;
    for (act, len) in [
        (Act::LegalEntity, firm.legal_entities.len()),
        (Act::CostCenter, firm.cost_centers.len()),
        (Act::ReceiptLimit, firm.currencies.len()),
        (Act::Account, firm.customers.len()),
        (Act::RateLine, firm.rate_lines.len()),
        (Act::TransferRate, firm.transfer_rates.len()),
    ] {
        for (at, _) in (0u32..).zip(0..len) {
            calendar.note(first, act, at);
        }
    }
    for (at, row) in (0u32..).zip(&firm.exchange_rates) {
        calendar.note(row.date, Act::ExchangeRate, at);
    }
}

fn people(firm: &Firm, calendar: &mut Calendar) {
    for (at, row) in (0u32..).zip(&firm.projects) {
        if row.contract_id.is_none() {
            let first = calendar.first;
            calendar.note(first, Act::InternalProject, at);
        }
    }
    for (at, row) in (0u32..).zip(&firm.employees) {
        calendar.note(before(row.hired_on, HIRE_AHEAD_DAYS), Act::Hire, at);
        if let Some(day) = row.terminated_on {
            calendar.note(day, Act::Terminate, at);
        }
    }
    // The first employer and cost of a person are part of the hire; the lists are in order of effect.
    let mut hired = HashSet::new();
    for (at, row) in (0u32..).zip(&firm.employment) {
        if !hired.insert(row.employee_id.as_str()) {
            calendar.note(row.effective_from, Act::ChangeJob, at);
        }
    }
    let mut paid = HashSet::new();
    for (at, row) in (0u32..).zip(&firm.cost_rates) {
        if !paid.insert(row.employee_id.as_str()) {
            calendar.note(row.effective_from, Act::ChangePay, at);
        }
    }
}

fn sales(firm: &Firm, calendar: &mut Calendar) {
    let sold: HashSet<&str> = firm.contracts.iter().map(|c| c.opportunity_id.as_str()).collect();
    for (at, row) in (0u32..).zip(&firm.opportunities) {
        if !sold.contains(row.id.as_str()) {
            let first = calendar.first;
            calendar.note(first, Act::OpenProspect, at);
        }
    }
    for (at, row) in (0u32..).zip(&firm.contracts) {
        let won_on = won_on(firm, row);
        calendar.note(before(won_on, DEAL_AHEAD_DAYS), Act::OpenDeal, at);
        calendar.note(won_on, Act::WinDeal, at);
    }
    for (at, row) in (0u32..).zip(&firm.projects) {
        if row.contract_id.is_some() && row.erp_project_id.is_none() {
            calendar.note(after(row.activated_on, MEND_AFTER_DAYS), Act::MendCostCenter, at);
        }
    }
    for (at, row) in (0u32..).zip(&firm.amendments) {
        calendar.note(row.signed_on, Act::Amend, at);
    }
}

fn time(firm: &Firm, calendar: &mut Calendar) {
    for (at, sheet) in (0u32..).zip(&firm.time.sheets) {
        let Some(submitted) = sheet.submitted_on else {
            let worked = sheet.entries.first().map(|&entry| firm.time.entry(entry).work_date);
            if let Some(day) = worked {
                calendar.note(day, Act::DraftSheet, at);
            }
            continue;
        };
        calendar.note(submitted, Act::SubmitSheet, at);
        match (sheet.state, sheet.approved_on) {
            (SheetState::Approved, Some(day)) => calendar.note(day, Act::ApproveSheet, at),
            (SheetState::Rejected, _) => calendar.note(after(submitted, REJECT_AFTER_DAYS), Act::RejectSheet, at),
            _ => {}
        }
    }
    for (at, row) in (0u32..).zip(&firm.corrections) {
        calendar.note(row.approved_on, Act::Correct, at);
    }
}

fn expenses_and_cash(firm: &Firm, calendar: &mut Calendar) {
    for (at, row) in (0u32..).zip(&firm.expenses) {
        calendar.note(after(row.incurred_on, EXPENSE_DELAY_DAYS), Act::SubmitExpense, at);
        if let Some(day) = row.approved_on {
            calendar.note(day, Act::ApproveExpense, at);
        }
    }
    for (at, row) in (0u32..).zip(&firm.payments) {
        calendar.note(row.received_on, Act::Pay, at);
    }
}

/// An estimate may be older than its project; it is entered as soon as there is one, which is when the deal is won.
fn fixed_fees(firm: &Firm, calendar: &mut Calendar) {
    for (at, row) in (0u32..).zip(&firm.estimates) {
        let won = firm.find_contract(&row.contract_id).map(|contract| won_on(firm, contract));
        calendar.note(won.unwrap_or(row.recorded_on).max(row.recorded_on), Act::Estimate, at);
    }
    for (at, row) in (0u32..).zip(&firm.milestones) {
        if let Some(day) = row.accepted_on {
            calendar.note(day, Act::AcceptMilestone, at);
        }
    }
}

fn won_on(firm: &Firm, contract: &Contract) -> Date {
    let deal = firm.opportunity(&contract.id, &contract.opportunity_id).ok();
    deal.and_then(|deal| deal.closed_on).unwrap_or(contract.signed_on)
}
