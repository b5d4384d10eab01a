//! Invoices between entities: one per pair, currency and month.

use std::collections::BTreeMap;

use chrono::Datelike;
use strata_kernel::{Currency, Date, Error, Money, Result};

use super::Delivery;

/// One intercompany sale, or its reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntercompanySale {
    /// Entry it comes from.
    pub source_id: String,
    /// Who sells to whom.
    pub delivery: Delivery,
    /// Day of the posting, which decides the month: that of the work, unless its period is closed.
    pub posted_on: Date,
    /// Transfer price. Below zero: a reversal.
    pub amount: Money,
}

/// What one entity bills another for a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntercompanyInvoice {
    /// Who sells to whom.
    pub delivery: Delivery,
    /// First day of the month.
    pub month: Date,
    /// Sum of the sales, not rounded again. Below zero: a credit memo.
    pub amount: Money,
    /// Entries behind it, in the order given.
    pub sources: Vec<String>,
}

/// Groups sales into invoices: one per delivering entity, contracting entity, currency and month, in that order.
/// Sales that cancel make an invoice of zero, so that both books see them. A sale of an entity to itself is
/// `INVALID_FIELD`.
///
/// Amounts are in minor units and only added. Source: "Create intercompany customer and vendor invoices", Dynamics 365
/// Project Operations.
pub fn intercompany_invoices(sales: &[IntercompanySale]) -> Result<Vec<IntercompanyInvoice>> {
    let mut invoices: BTreeMap<(&str, &str, Currency, Date), IntercompanyInvoice> = BTreeMap::new();
    for sale in sales {
        let Delivery { delivering, contracting } = &sale.delivery;
        if delivering == contracting {
            return Err(Error::invalid(
                "delivery",
                format!("{delivering} cannot bill itself for {}", sale.source_id),
            ));
        }
        let month = sale.posted_on.with_day(1).unwrap_or(sale.posted_on);
        let currency = sale.amount.currency;
        let invoice = invoices
            .entry((delivering, contracting, currency, month))
            .or_insert_with(|| IntercompanyInvoice {
                delivery: sale.delivery.clone(),
                month,
                amount: Money::zero(currency),
                sources: Vec::new(),
            });
        invoice.amount = invoice.amount.plus(sale.amount)?;
        invoice.sources.push(sale.source_id.clone());
    }
    Ok(invoices.into_values().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;

    fn sale(id: &str, pair: (&str, &str), day: &str, minor: i64, code: &str) -> IntercompanySale {
        IntercompanySale {
            source_id: id.to_owned(),
            delivery: Delivery {
                delivering: pair.0.to_owned(),
                contracting: pair.1.to_owned(),
            },
            posted_on: day.parse().unwrap(),
            amount: Money::new(minor, Currency::parse(code).unwrap()),
        }
    }

    #[test]
    fn one_invoice_per_pair_currency_and_month() {
        let (there, back) = (("UK01", "US01"), ("US01", "UK01"));
        let sales = [
            sale("1", there, "2025-03-31", 100, "USD"),
            sale("2", back, "2025-03-01", 70, "USD"),
            sale("3", there, "2025-03-01", 50, "USD"),
            sale("4", there, "2025-03-15", 30, "GBP"),
            sale("5", there, "2025-04-01", 20, "USD"),
            sale("6", there, "2025-04-02", -20, "USD"),
        ];
        let found = intercompany_invoices(&sales).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|invoice| {
                let month = invoice.month.to_string();
                (
                    invoice.delivery.delivering.as_str(),
                    month,
                    invoice.amount.minor,
                    invoice.sources.join(" "),
                )
            })
            .collect();
        let row = |seller, month: &str, minor, sources: &str| (seller, month.to_owned(), minor, sources.to_owned());
        assert_eq!(
            shown,
            [
                row("UK01", "2025-03-01", 30, "4"),
                row("UK01", "2025-03-01", 150, "1 3"),
                row("UK01", "2025-04-01", 0, "5 6"),
                row("US01", "2025-03-01", 70, "2"),
            ]
        );
        assert!(intercompany_invoices(&[]).unwrap().is_empty());
    }

    #[test]
    fn refuses_a_sale_to_oneself_and_too_much() {
        let itself = intercompany_invoices(&[sale("1", ("A", "A"), "2025-01-01", 1, "USD")]);
        assert_eq!(itself.unwrap_err().field, "delivery");
        let most = sale("1", ("A", "B"), "2025-01-01", i64::MAX, "USD");
        let far = intercompany_invoices(&[most.clone(), most]);
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
