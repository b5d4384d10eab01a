//! The billing state of a timesheet, which its lines make. It is never kept beside them.

use strata_kernel::{Error, Result};

use super::time::{TimeState, invoice_guard};
use crate::reason;

/// How much of a timesheet is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SheetState {
    /// Nothing.
    Unbilled,
    /// Some lines.
    PartiallyBilled,
    /// All lines.
    Billed,
}

impl SheetState {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unbilled => "unbilled",
            Self::PartiallyBilled => "partially_billed",
            Self::Billed => "billed",
        }
    }
}

/// What happens to the lines of a sheet. Lines and invoices count from 1, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SheetStep {
    /// A line goes on an invoice of its own.
    Invoice(usize),
    /// An invoice is credited in full: its line is approved again.
    Return(usize),
    /// The newest return is undone: its line is on the invoice again.
    CancelReturn,
    /// An invoice is undone.
    CancelInvoice(usize),
}

impl SheetStep {
    /// Reads a step as people say it: "invoice log 1", "return invoice 2", "cancel return", "cancel invoice 2".
    /// Anything else is `INVALID_FIELD`.
    pub fn parse(words: &str) -> Result<Self> {
        let refused = || Error::invalid("steps", format!("\"{words}\" happens to no timesheet"));
        let number = |text: &str| text.parse().map_err(|_| refused());
        Ok(match words.split_whitespace().collect::<Vec<_>>()[..] {
            ["invoice", "log", log] => Self::Invoice(number(log)?),
            ["return", "invoice", invoice] => Self::Return(number(invoice)?),
            ["cancel", "return"] => Self::CancelReturn,
            ["cancel", "invoice", invoice] => Self::CancelInvoice(number(invoice)?),
            _ => return Err(refused()),
        })
    }
}

/// An approved timesheet and what was billed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timesheet {
    lines: Vec<TimeState>,
    /// Line of each invoice.
    invoices: Vec<usize>,
    /// Invoices that are returned, the newest last.
    returned: Vec<usize>,
}

impl Timesheet {
    /// A sheet of so many approved lines.
    pub fn approved(lines: usize) -> Self {
        Self {
            lines: vec![TimeState::Approved; lines],
            invoices: Vec::new(),
            returned: Vec::new(),
        }
    }

    /// How much of it is billed. A sheet without lines is unbilled.
    pub fn state(&self) -> SheetState {
        match self.lines.iter().filter(|line| **line == TimeState::Invoiced).count() {
            0 => SheetState::Unbilled,
            billed if billed == self.lines.len() => SheetState::Billed,
            _ => SheetState::PartiallyBilled,
        }
    }

    /// Takes a step, or refuses it and changes nothing: a line that is billed is `TIME_ALREADY_INVOICED`, an
    /// invoice that is not there any more is `INVALID_TRANSITION`, and what never was is `INVALID_FIELD`.
    /// The line follows the machine of time entries: a return is its credit.
    ///
    /// Source: the billing status of ERPNext's timesheet, which returns and cancelled invoices move back.
    pub fn apply(&mut self, step: SheetStep) -> Result<SheetState> {
        match step {
            SheetStep::Invoice(line) => {
                let index = line.wrapping_sub(1);
                self.bill(index)?;
                self.invoices.push(index);
            }
            SheetStep::Return(invoice) => {
                self.credit(invoice)?;
                self.returned.push(invoice);
            }
            SheetStep::CancelInvoice(invoice) => self.credit(invoice)?,
            SheetStep::CancelReturn => {
                let invoice = *self.returned.last().ok_or_else(nothing_there)?;
                self.bill(self.line_of(invoice)?)?;
                self.returned.pop();
            }
        }
        Ok(self.state())
    }

    fn bill(&mut self, index: usize) -> Result<()> {
        let unknown = || Error::invalid("steps", "the timesheet has no such line");
        let line = self.lines.get_mut(index).ok_or_else(unknown)?;
        invoice_guard(*line, false)?;
        *line = TimeState::Invoiced;
        Ok(())
    }

    fn credit(&mut self, invoice: usize) -> Result<()> {
        let index = self.line_of(invoice)?;
        // The newest invoice of a line is the one that holds it.
        let newest = self.invoices.iter().rposition(|line| *line == index);
        match self.lines.get_mut(index) {
            Some(line) if *line == TimeState::Invoiced && newest == invoice.checked_sub(1) => *line = TimeState::Approved,
            _ => return Err(nothing_there()),
        }
        Ok(())
    }

    fn line_of(&self, invoice: usize) -> Result<usize> {
        let unknown = || Error::invalid("steps", "the timesheet has no such invoice");
        self.invoices.get(invoice.wrapping_sub(1)).copied().ok_or_else(unknown)
    }
}

fn nothing_there() -> Error {
    Error::precondition(reason::INVALID_TRANSITION, "there is nothing left to take back")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn walk(lines: usize, steps: &[&str]) -> Result<Vec<&'static str>, &'static str> {
        let mut sheet = Timesheet::approved(lines);
        let step = |words: &&str| sheet.apply(SheetStep::parse(words)?).map(SheetState::name);
        steps.iter().map(step).collect::<Result<_>>().map_err(|error| error.reason)
    }

    #[test]
    fn a_returned_line_is_billed_anew() {
        let steps = [
            "invoice log 2",
            "return invoice 1",
            "invoice log 2",
            "invoice log 1",
            "cancel invoice 3",
        ];
        let states = [
            "partially_billed",
            "unbilled",
            "partially_billed",
            "billed",
            "partially_billed",
        ];
        assert_eq!(walk(2, &steps).unwrap(), states);
    }

    #[test]
    fn refuses_what_cannot_happen() {
        let cases: [(&[&str], _); 9] = [
            (&["invoice log 1", "invoice log 1"], reason::TIME_ALREADY_INVOICED),
            (&["invoice log 0"], "INVALID_FIELD"),
            (&["invoice log 3"], "INVALID_FIELD"),
            (&["return invoice 1"], "INVALID_FIELD"),
            (&["cancel return"], reason::INVALID_TRANSITION),
            (
                &["invoice log 1", "return invoice 1", "return invoice 1"],
                reason::INVALID_TRANSITION,
            ),
            (
                &["invoice log 1", "return invoice 1", "invoice log 1", "return invoice 1"],
                reason::INVALID_TRANSITION,
            ),
            (
                &["invoice log 1", "return invoice 1", "invoice log 1", "cancel return"],
                reason::TIME_ALREADY_INVOICED,
            ),
            (&["burn it"], "INVALID_FIELD"),
        ];
        for (steps, refusal) in cases {
            assert_eq!(walk(2, steps), Err(refusal), "{steps:?}");
        }
        assert_eq!(Timesheet::approved(0).state(), SheetState::Unbilled);
    }
}
