//! Which billable lines share an invoice.

use std::collections::HashMap;

use strata_kernel::{Currency, Money, Result};

use crate::amount::sum;

/// One priced source that is ready to be billed: a time entry, an expense, a milestone, a fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillableLine {
    /// Reference to the source.
    pub source: String,
    /// Contracting legal entity.
    pub entity: String,
    /// Customer that the invoice is addressed to.
    pub bill_to: String,
    /// Contract it is billed under.
    pub contract: String,
    /// Billing period: "2025-03".
    pub period: String,
    /// The customer's purchase order, empty when there is none.
    pub purchase_order: String,
    /// Price, rounded by itself.
    pub amount: Money,
}

/// How many documents a customer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DocumentPer {
    /// One for each contract.
    #[default]
    Contract,
    /// One for all contracts together.
    Customer,
}

/// What all lines of an invoice have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupKey {
    /// Contracting legal entity.
    pub entity: String,
    /// Customer that the invoice is addressed to.
    pub bill_to: String,
    /// Currency of every line.
    pub currency: Currency,
    /// Contract. None: the document is for all contracts of the customer.
    pub contract: Option<String>,
    /// Billing period.
    pub period: String,
    /// Purchase order, empty when there is none.
    pub purchase_order: String,
}

/// An invoice to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceGroup {
    /// What its lines have in common.
    pub key: GroupKey,
    /// Its lines, in the order given.
    pub lines: Vec<BillableLine>,
    /// Sum of the lines, not rounded again.
    pub net: Money,
}

/// Puts lines that share entity, bill-to, currency, contract, billing period and purchase order on one invoice.
/// Invoices come in the order of their first lines. A customer that wants one document gets its contracts together.
///
/// Source: Tryton's `project_invoice`, where a subproject of another party makes its own invoice; purchase order
/// and billing period once per document as in EN 16931 BT-13 and BG-14.
/// Sums beyond 64 bits are `AMOUNT_OVERFLOW`.
pub fn group_invoices(lines: Vec<BillableLine>, per: DocumentPer) -> Result<Vec<InvoiceGroup>> {
    let mut position = HashMap::new();
    let mut groups: Vec<(GroupKey, Vec<BillableLine>)> = Vec::new();
    for line in lines {
        let key = key_of(&line, per);
        let index = *position.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(index) {
            Some((_, group)) => group.push(line),
            None => groups.push((key, vec![line])),
        }
    }
    groups
        .into_iter()
        .map(|(key, lines)| {
            let net = sum(lines.iter().map(|line| line.amount), key.currency)?;
            Ok(InvoiceGroup { key, lines, net })
        })
        .collect()
}

fn key_of(line: &BillableLine, per: DocumentPer) -> GroupKey {
    GroupKey {
        entity: line.entity.clone(),
        bill_to: line.bill_to.clone(),
        currency: line.amount.currency,
        contract: (per == DocumentPer::Contract).then(|| line.contract.clone()),
        period: line.period.clone(),
        purchase_order: line.purchase_order.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(contract: &str, minor: i64, code: &str) -> BillableLine {
        BillableLine {
            source: format!("{contract}/{minor}"),
            entity: "US01".into(),
            bill_to: "customer".into(),
            contract: contract.into(),
            period: "2025-03".into(),
            purchase_order: String::new(),
            amount: Money::new(minor, Currency::parse(code).unwrap()),
        }
    }

    fn nets(lines: &[BillableLine], per: DocumentPer) -> Vec<(String, usize)> {
        let groups = group_invoices(lines.to_vec(), per).unwrap();
        groups
            .iter()
            .map(|group| (group.net.to_string(), group.lines.len()))
            .collect()
    }

    #[test]
    fn a_customer_may_want_one_document() {
        let lines = [
            line("a", 100, "USD"),
            line("b", 200, "USD"),
            line("a", -50, "USD"),
            line("a", 7, "EUR"),
        ];
        let apart = [("0.50".into(), 2), ("2.00".into(), 1), ("0.07".into(), 1)];
        assert_eq!(nets(&lines, DocumentPer::Contract), apart);
        let together = [("2.50".into(), 3), ("0.07".into(), 1)];
        assert_eq!(nets(&lines, DocumentPer::Customer), together);
    }

    #[test]
    fn every_part_of_the_key_splits() {
        let base = line("a", 100, "USD");
        let changes: [fn(&mut BillableLine); 4] = [
            |line| line.entity = "GB01".into(),
            |line| line.bill_to = "other".into(),
            |line| line.period = "2025-04".into(),
            |line| line.purchase_order = "PO-1".into(),
        ];
        for change in changes {
            let mut other = base.clone();
            change(&mut other);
            assert_eq!(nets(&[base.clone(), other], DocumentPer::Customer).len(), 2);
        }
        assert!(nets(&[], DocumentPer::Contract).is_empty());
    }

    #[test]
    fn a_sum_out_of_range_is_an_error() {
        let lines = vec![line("a", i64::MAX, "USD"), line("a", 1, "USD")];
        let error = group_invoices(lines, DocumentPer::Contract).unwrap_err();
        assert_eq!(error.reason, crate::reason::AMOUNT_OVERFLOW);
    }
}
