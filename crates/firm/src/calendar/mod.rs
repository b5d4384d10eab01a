//! What happens on which day of the firm's year, and in which order.
//!
//! The calendar holds positions in the firm's lists, no copies of records.

mod fact;
mod plan;

use std::collections::BTreeMap;

use chrono::Days;
use strata_kernel::Date;

pub use fact::{Act, Fact, Group};

use crate::data::Firm;

/// Days a person needs to hand over what the sale left out, counted from the project's start.
pub(crate) const MEND_AFTER_DAYS: u64 = 3;
/// Days before its effect that a hire is entered in HR.
pub(crate) const HIRE_AHEAD_DAYS: u64 = 3;
/// Days before the first signature, or hire, that the simulated time starts.
const LEAD_DAYS: u64 = 3;
/// Days before it is won that a deal is in the CRM.
const DEAL_AHEAD_DAYS: u64 = 2;
/// Days after it was spent that an expense is handed in.
const EXPENSE_DELAY_DAYS: u64 = 1;
/// Days a rejected sheet lies before it is sent back.
const REJECT_AFTER_DAYS: u64 = 2;

/// The facts of each day, in order.
#[derive(Debug)]
pub struct Calendar {
    first: Date,
    last: Date,
    days: BTreeMap<Date, Vec<Fact>>,
}

impl Calendar {
    /// Puts every fact of a firm on its day.
    #[must_use]
    pub fn of(firm: &Firm) -> Self {
        let last = firm.manifest.as_of;
        let first = first_day(firm).unwrap_or(last);
        let mut calendar = Self {
            first,
            last,
            days: BTreeMap::new(),
        };
        plan::plan(firm, &mut calendar);
        for facts in calendar.days.values_mut() {
            // Stable: within one act the order of the files stays.
            facts.sort_by_key(|fact| fact.act);
        }
        calendar
    }

    /// First simulated day.
    #[must_use]
    pub fn first(&self) -> Date {
        self.first
    }

    /// Last simulated day.
    #[must_use]
    pub fn last(&self) -> Date {
        self.last
    }

    /// Every day from the first to the last, also those on which nothing happens.
    pub fn days(&self) -> impl Iterator<Item = Date> + '_ {
        self.first.iter_days().take_while(|day| *day <= self.last)
    }

    /// The facts of a day, in order.
    #[must_use]
    pub fn on(&self, day: Date) -> &[Fact] {
        self.days.get(&day).map_or(&[], Vec::as_slice)
    }

    /// All facts there are.
    #[must_use]
    pub fn facts(&self) -> usize {
        self.days.values().map(Vec::len).sum()
    }

    /// Notes a fact. What lies before the first day happens on it; what lies after the last never happens.
    fn note(&mut self, day: Date, act: Act, at: u32) {
        if day <= self.last {
            self.days.entry(day.max(self.first)).or_default().push(Fact { act, at });
        }
    }
}

fn first_day(firm: &Firm) -> Option<Date> {
    let signed = firm.contracts.iter().map(|c| c.signed_on);
    let hired = firm.employees.iter().map(|e| e.hired_on);
    Some(before(signed.chain(hired).min()?, LEAD_DAYS))
}

fn before(day: Date, days: u64) -> Date {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

fn after(day: Date, days: u64) -> Date {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests;
