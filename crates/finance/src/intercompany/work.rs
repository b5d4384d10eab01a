//! Rows that intercompany work leaves in both entities.

use strata_kernel::{Decimal, Money, Result};

use super::TransferMethod;
use crate::amount::difference;
use crate::effort::{Effort, HourlyRate};

/// Kind of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// What the work costs the delivering entity.
    ResourcingUnitCost,
    /// What the delivering entity sells it for.
    IntercompanySale,
    /// What it costs the contracting entity: the transfer price.
    Cost,
    /// What the contracting entity will bill the customer.
    UnbilledSale,
}

impl RowKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResourcingUnitCost => "resourcing_unit_cost",
            Self::IntercompanySale => "intercompany_sale",
            Self::Cost => "cost",
            Self::UnbilledSale => "unbilled_sale",
        }
    }

    /// True when the firm as a whole neither earned nor spent it: group profit leaves it out.
    pub fn is_internal(self) -> bool {
        matches!(self, Self::IntercompanySale | Self::Cost)
    }
}

/// A row in the sub-ledger of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntercompanyRow {
    /// Kind.
    pub kind: RowKind,
    /// Amount.
    pub amount: Money,
}

/// Work that one entity does for another.
#[derive(Debug, Clone, Copy)]
pub struct IntercompanyWork {
    /// Time worked. Below zero: a correction, which reverses both sides.
    pub effort: Effort,
    /// What an hour costs the delivering entity, in its own currency.
    pub cost: HourlyRate,
    /// What it is sold for inside the firm.
    pub transfer: TransferMethod,
    /// What an hour is billed to the customer. None: it is not billed by the hour.
    pub bill: Option<HourlyRate>,
}

/// The same work in both entities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntercompanyRows {
    /// Rows of the delivering entity: its cost and its sale.
    pub lending: Vec<IntercompanyRow>,
    /// Rows of the contracting entity: the same sale as its cost, and the customer's unbilled sale.
    pub borrowing: Vec<IntercompanyRow>,
    /// What the contracting entity earns: unbilled sale less cost. None when they are in two currencies.
    pub borrowing_margin: Option<Money>,
}

/// Rows of intercompany work. Each amount is rounded once, and both entities hold the same transfer price.
/// Source: "Create intercompany transactions", Dynamics 365 Project Operations.
///
/// Refuses as [`TransferMethod::price`] does; beyond 64 bits it is `AMOUNT_OVERFLOW`.
pub fn intercompany_rows(work: &IntercompanyWork) -> Result<IntercompanyRows> {
    let row = |kind, amount| IntercompanyRow { kind, amount };
    let own_cost = work.effort.price(work.cost, Decimal::ONE_HUNDRED)?;
    let transfer = work.transfer.price(work.effort, work.cost, work.bill)?;
    let sale = work
        .bill
        .map(|bill| work.effort.price(bill, Decimal::ONE_HUNDRED))
        .transpose()?;
    let mut borrowing = vec![row(RowKind::Cost, transfer)];
    borrowing.extend(sale.map(|amount| row(RowKind::UnbilledSale, amount)));
    let earned = sale.unwrap_or(Money::zero(transfer.currency));
    let borrowing_margin = (earned.currency == transfer.currency)
        .then(|| difference(earned, transfer))
        .transpose()?;
    Ok(IntercompanyRows {
        lending: vec![
            row(RowKind::ResourcingUnitCost, own_cost),
            row(RowKind::IntercompanySale, transfer),
        ],
        borrowing,
        borrowing_margin,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;

    fn hourly(rate: i64, code: &str) -> HourlyRate {
        HourlyRate {
            rate: Decimal::from(rate),
            currency: Currency::parse(code).unwrap(),
        }
    }

    #[test]
    fn a_correction_reverses_both_sides() {
        let of = |minutes| {
            intercompany_rows(&IntercompanyWork {
                effort: Effort::minutes(minutes).unwrap(),
                cost: hourly(88, "GBP"),
                transfer: TransferMethod::PercentOfBill(Decimal::from(55)),
                bill: Some(hourly(200, "USD")),
            })
            .unwrap()
        };
        let (done, undone) = (of(37), of(-37));
        let sides = |rows: &IntercompanyRows| [rows.lending.clone(), rows.borrowing.clone()].concat();
        for (row, mirror) in sides(&done).iter().zip(sides(&undone)) {
            assert_eq!((row.kind, row.amount.negated()), (mirror.kind, mirror.amount));
        }
        assert_eq!(done.lending[1].amount, done.borrowing[0].amount);
        assert!(done.lending[1].kind.is_internal() && !done.borrowing[1].kind.is_internal());
    }

    #[test]
    fn work_that_is_not_billed_by_the_hour_only_costs() {
        let rows = intercompany_rows(&IntercompanyWork {
            effort: Effort::minutes(60).unwrap(),
            cost: hourly(88, "GBP"),
            transfer: TransferMethod::CostPlus(Decimal::TEN),
            bill: None,
        })
        .unwrap();
        assert_eq!(rows.borrowing.len(), 1);
        assert_eq!(rows.borrowing_margin.unwrap().to_string(), "-96.80");
        let mixed = IntercompanyWork {
            effort: Effort::minutes(60).unwrap(),
            cost: hourly(88, "GBP"),
            transfer: TransferMethod::CostPlus(Decimal::TEN),
            bill: Some(hourly(200, "USD")),
        };
        assert_eq!(intercompany_rows(&mixed).unwrap().borrowing_margin, None);
    }
}
