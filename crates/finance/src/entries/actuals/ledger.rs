//! The ledger: which rows an event appends.

use strata_kernel::{Decimal, Error, Money, Result};

use super::{Actual, ActualEvent, ActualKind, ActualRates};
use crate::amount::{mirror, quantity_amount, sum};
use crate::ratio::overflow;
use crate::reason;

/// Rows and balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualsLedger {
    /// Every row, in the order in which it was written.
    pub rows: Vec<Actual>,
    rates: ActualRates,
    /// Approvals with their rows that no reversal took back and no invoice moved.
    open: Vec<Approval>,
    /// Chargeable billed rows of each invoice, newest last.
    invoices: Vec<Vec<Actual>>,
}

/// Rows of one approval, as long as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Approval {
    cost: Option<Actual>,
    sales: Vec<Actual>,
    invoiced: bool,
}

impl ActualsLedger {
    /// An empty ledger. Refuses rates below zero.
    ///
    /// Rates are exact decimals per hour in major units. A rate below zero is `INVALID_FIELD`. Source: "Actuals impact
    /// in a time and materials engagement", Dynamics 365 Project Operations.
    pub fn new(rates: ActualRates) -> Result<Self> {
        check_rate("cost_rate", rates.cost)?;
        check_rate("bill_rate", rates.bill)?;
        Ok(Self {
            rows: Vec::new(),
            rates,
            open: Vec::new(),
            invoices: Vec::new(),
        })
    }

    /// The ledger with the rows of an event appended.
    ///
    /// Refuses hours that make no sense (`INVALID_FIELD`), an invoice over nothing (`TIME_NOT_APPROVED`), the
    /// cancellation of invoiced time (`TIME_ALREADY_INVOICED`), and a cancellation or correction of what does not
    /// exist (`INVALID_TRANSITION`).
    /// Each row is rounded once to the minor unit. Source: "Actuals impact in a time and materials engagement",
    /// Dynamics 365 Project Operations.
    pub fn record(mut self, event: ActualEvent) -> Result<Self> {
        match event {
            ActualEvent::Noted => Ok(()),
            ActualEvent::Approve { hours, billable_hours } => self.approve(hours, billable_hours.unwrap_or(hours)),
            ActualEvent::CancelApproval => self.cancel(),
            ActualEvent::ConfirmContract { cost, bill } => {
                self.confirm_contract(cost.unwrap_or(self.rates.cost), bill.unwrap_or(self.rates.bill))
            }
            ActualEvent::ConfirmInvoice { hours } => self.confirm_invoice(hours),
            ActualEvent::CorrectInvoice { hours, bill } => self.correct_invoice(hours, bill.unwrap_or(self.rates.bill)),
        }?;
        Ok(self)
    }

    /// Sum of the rows of a sub-ledger; of sales, the chargeable ones only.
    ///
    /// Nothing is rounded again; beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: "Actuals impact in a time and
    /// materials engagement", Dynamics 365 Project Operations.
    pub fn balance(&self, kind: ActualKind) -> Result<Money> {
        let rows = self.rows.iter().filter(|row| row.kind == kind && row.chargeable);
        sum(rows.map(|row| row.amount), self.rates.currency)
    }

    fn approve(&mut self, hours: Decimal, billable_hours: Decimal) -> Result<()> {
        if hours <= Decimal::ZERO {
            return Err(Error::invalid("hours", "approved time is above zero"));
        }
        check_hours("billable_hours", billable_hours)?;
        let cost = self.row(ActualKind::Cost, hours, self.rates.cost, true)?;
        let mut sales = vec![self.row(ActualKind::Unbilled, billable_hours, self.rates.bill, true)?];
        if billable_hours < hours {
            sales.push(self.row(ActualKind::Unbilled, less(hours, billable_hours)?, self.rates.bill, false)?);
        }
        sales.retain(|row| !row.hours.is_zero());
        self.rows.push(cost);
        self.rows.extend(&sales);
        self.open.push(Approval {
            cost: Some(cost),
            sales,
            invoiced: false,
        });
        Ok(())
    }

    fn cancel(&mut self) -> Result<()> {
        match self.open.pop() {
            Some(approval) if !approval.invoiced => self.reverse(approval.cost.iter().chain(&approval.sales)),
            Some(_) => Err(Error::precondition(
                reason::TIME_ALREADY_INVOICED,
                "the time is invoiced; correct the invoice first",
            )),
            None => Err(transition("there is no approval to cancel")),
        }
    }

    fn confirm_contract(&mut self, cost: Decimal, bill: Decimal) -> Result<()> {
        check_rate("cost_rate", cost)?;
        check_rate("bill_rate", bill)?;
        self.rates = ActualRates {
            cost,
            bill,
            ..self.rates
        };
        let mut approvals = std::mem::take(&mut self.open);
        for approval in approvals.iter_mut().filter(|approval| !approval.invoiced) {
            self.reverse(approval.cost.iter().chain(&approval.sales))?;
            for row in approval.cost.iter_mut().chain(&mut approval.sales) {
                let rate = if row.kind == ActualKind::Cost { cost } else { bill };
                *row = self.row(row.kind, row.hours, rate, row.chargeable)?;
                self.rows.push(*row);
            }
        }
        self.open = approvals;
        Ok(())
    }

    fn confirm_invoice(&mut self, hours: Option<Decimal>) -> Result<()> {
        let mut moved = Vec::new();
        for approval in &mut self.open {
            let chargeable = approval.sales.iter().filter(|row| row.chargeable);
            let before = moved.len();
            moved.extend(chargeable.copied());
            approval.sales.retain(|row| !row.chargeable);
            approval.invoiced |= moved.len() > before;
        }
        let open = hours_of(&moved)?;
        let hours = hours.unwrap_or(open);
        check_hours("hours", hours)?;
        if moved.is_empty() {
            return Err(Error::precondition(
                reason::TIME_NOT_APPROVED,
                "no approved time is left to invoice",
            ));
        }
        self.reverse(moved.iter())?;
        let mut billed = moved;
        if hours != open {
            billed = vec![self.row(ActualKind::Unbilled, hours, self.rates.bill, true)?];
            if hours < open {
                billed.push(self.row(ActualKind::Unbilled, less(open, hours)?, self.rates.bill, false)?);
            }
            billed.retain(|row| !row.hours.is_zero());
            self.rows.extend(&billed);
            self.reverse(billed.iter())?;
        }
        self.bill(&billed);
        Ok(())
    }

    fn correct_invoice(&mut self, hours: Decimal, bill: Decimal) -> Result<()> {
        check_hours("hours", hours)?;
        check_rate("bill_rate", bill)?;
        let Some(billed) = self.invoices.pop() else {
            return Err(transition("there is no invoice to correct"));
        };
        let before = hours_of(&billed)?;
        let corrected = self.row(ActualKind::Unbilled, hours, bill, true)?;
        let worth = sum(billed.iter().map(|row| row.amount), self.rates.currency)?;
        if hours == before && corrected.amount == worth {
            self.invoices.push(billed);
            return Ok(());
        }
        self.reverse(billed.iter())?;
        let shown = (!hours.is_zero()).then_some(corrected);
        self.rows.extend(shown);
        if hours < before {
            let left = self.row(ActualKind::Unbilled, less(before, hours)?, self.rates.bill, true)?;
            self.rows.push(left);
            self.open.push(Approval {
                cost: None,
                sales: vec![left],
                invoiced: true,
            });
        }
        self.reverse(shown.iter())?;
        self.bill(shown.as_slice());
        Ok(())
    }

    /// Billed rows for unbilled ones. Those that are chargeable make an invoice.
    fn bill(&mut self, unbilled: &[Actual]) {
        let billed = unbilled.iter().map(|row| Actual {
            kind: ActualKind::Billed,
            ..*row
        });
        let billed: Vec<Actual> = billed.collect();
        self.rows.extend(&billed);
        self.invoices.push(billed.into_iter().filter(|row| row.chargeable).collect());
    }

    fn row(&self, kind: ActualKind, hours: Decimal, rate: Decimal, chargeable: bool) -> Result<Actual> {
        Ok(Actual {
            kind,
            hours,
            amount: quantity_amount(rate, hours, self.rates.currency)?,
            chargeable,
        })
    }

    fn reverse<'a>(&mut self, rows: impl Iterator<Item = &'a Actual>) -> Result<()> {
        for row in rows {
            self.rows.push(Actual {
                hours: -row.hours,
                amount: mirror(row.amount)?,
                ..*row
            });
        }
        Ok(())
    }
}

fn hours_of(rows: &[Actual]) -> Result<Decimal> {
    let total = rows.iter().try_fold(Decimal::ZERO, |sum, row| sum.checked_add(row.hours));
    total.ok_or_else(overflow)
}

fn less(hours: Decimal, other: Decimal) -> Result<Decimal> {
    hours.checked_sub(other).ok_or_else(overflow)
}

fn check_rate(field: &str, rate: Decimal) -> Result<()> {
    if rate < Decimal::ZERO {
        return Err(Error::invalid(field, "a rate cannot be below zero"));
    }
    Ok(())
}

fn check_hours(field: &str, hours: Decimal) -> Result<()> {
    if hours < Decimal::ZERO {
        return Err(Error::invalid(field, "hours cannot be below zero"));
    }
    Ok(())
}

fn transition(message: &str) -> Error {
    Error::precondition(reason::INVALID_TRANSITION, message)
}
