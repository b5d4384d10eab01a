//! What every journal has to fulfil, whichever ERP takes it. The rules of its fields stand in the contract.

use strata_contract::require_money;
use strata_contract::strata::system::erp::v1::journal_line::Side;
use strata_contract::strata::system::erp::v1::{Journal, JournalLine};
use strata_kernel::{Currency, Error, Money, Result};

/// Refuses a journal whose debits differ from its credits, or with a line in another currency.
pub fn check(journal: &Journal) -> Result<()> {
    let currency = Currency::parse(&journal.currency_code).map_err(|e| Error::from(e).at("journal.currency_code"))?;
    let mut balance = Money::zero(currency);
    for (at, line) in journal.lines.iter().enumerate() {
        let field = format!("journal.lines[{at}]");
        let amount = amount(line, &field)?;
        if amount.currency != currency {
            return Err(Error::invalid(field, "another currency than the journal's"));
        }
        balance = balance.plus(amount).map_err(|e| e.at(&field))?;
    }
    if balance.minor != 0 {
        let text = format!("debits and credits differ by {balance} {currency}");
        return Err(Error::invalid("journal.lines", text));
    }
    Ok(())
}

/// Amount of a line: above zero for a debit, below for a credit.
pub fn amount(line: &JournalLine, field: &str) -> Result<Money> {
    match &line.side {
        Some(Side::Debit(amount)) => require_money(Some(amount), field),
        Some(Side::Credit(amount)) => Ok(require_money(Some(amount), field)?.negated()),
        None => Err(Error::invalid(field, "has neither debit nor credit")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::strata::common::v1::Money as PbMoney;

    use super::*;

    fn money(minor_units: i64, code: &str) -> PbMoney {
        PbMoney {
            currency_code: code.into(),
            minor_units,
        }
    }

    fn journal(sides: Vec<Option<Side>>) -> Journal {
        Journal {
            currency_code: "USD".into(),
            lines: sides
                .into_iter()
                .map(|side| JournalLine {
                    side,
                    ..JournalLine::default()
                })
                .collect(),
            ..Journal::default()
        }
    }

    #[test]
    fn debits_are_credits() {
        let debit = |minor| Some(Side::Debit(money(minor, "USD")));
        let credit = |minor| Some(Side::Credit(money(minor, "USD")));
        assert_eq!(check(&journal(vec![debit(300), credit(200), credit(100)])), Ok(()));
        let differs = check(&journal(vec![debit(300), credit(299)])).unwrap_err();
        assert_eq!((differs.field.as_str(), differs.reason), ("journal.lines", "INVALID_FIELD"));
        assert!(differs.message.contains("0.01 USD"), "{differs}");
        let foreign = check(&journal(vec![debit(300), Some(Side::Credit(money(300, "EUR")))])).unwrap_err();
        assert_eq!(foreign.field, "journal.lines[1]");
        assert_eq!(check(&journal(vec![debit(1), None])).unwrap_err().field, "journal.lines[1]");
    }
}
