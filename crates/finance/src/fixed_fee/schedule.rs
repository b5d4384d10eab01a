//! Instalments of a fixed price.

use strata_kernel::{Decimal, Error, Money, Result};

use crate::amount::{difference, percent_of};

/// How large one instalment or milestone of a price is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// An agreed amount. Change orders add these; they do not touch the shares agreed before.
    Amount(Money),
    /// A percent of the price, from 0 up.
    Percent(Decimal),
}

/// Amounts of instalments, in the order given. A percent of the price is rounded, half away from zero; when
/// the percents make up 100, the last of them takes what the rounding left, so that together they are the price.
///
/// The residual may turn the last instalment of a tiny price below zero: the sum comes first.
/// Percents below zero, and more than 100 together, are `INVALID_FIELD`.
/// Source: instalments of an invoicing schedule, Dynamics 365 Project Operations, "Project invoicing".
pub fn instalments(price: Money, shares: &[Share]) -> Result<Vec<Money>> {
    let covered = percents_together(shares)?;
    let last_percent = shares.iter().rposition(|share| matches!(share, Share::Percent(_)));
    let mut left = price;
    let mut amounts = Vec::with_capacity(shares.len());
    for (index, share) in shares.iter().enumerate() {
        let amount = match *share {
            Share::Amount(amount) => amount,
            Share::Percent(_) if covered == Decimal::ONE_HUNDRED && Some(index) == last_percent => left,
            Share::Percent(percent) => percent_of(price, percent)?,
        };
        if matches!(share, Share::Percent(_)) {
            left = difference(left, amount)?;
        }
        amounts.push(amount);
    }
    Ok(amounts)
}

/// Amounts of a schedule that splits the whole price by percent: [`instalments`] whose percents must make up
/// exactly 100 (`INVALID_FIELD` otherwise), because a schedule that does not would bill another price.
///
/// Rounds as [`instalments`] does. Source: instalments of an invoicing schedule, Dynamics 365 Project Operations.
pub fn schedule_amounts(price: Money, percents: &[Decimal]) -> Result<Vec<Money>> {
    let shares: Vec<Share> = percents.iter().copied().map(Share::Percent).collect();
    let covered = percents_together(&shares)?;
    if covered != Decimal::ONE_HUNDRED {
        return Err(Error::invalid(
            "percents",
            format!("the instalments make up {covered} percent of the price instead of 100"),
        ));
    }
    instalments(price, &shares)
}

fn percents_together(shares: &[Share]) -> Result<Decimal> {
    let mut sum = Decimal::ZERO;
    for share in shares {
        let Share::Percent(percent) = share else { continue };
        if *percent < Decimal::ZERO {
            return Err(Error::invalid("percents", "an instalment cannot be below zero percent"));
        }
        // Beyond 100 nothing is added any more, so the sum cannot overflow.
        if *percent > Decimal::ONE_HUNDRED - sum {
            return Err(Error::invalid("percents", "the instalments make up more than 100 percent"));
        }
        sum += *percent;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::{Currency, parse_decimal};

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
    }

    fn percents(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| parse_decimal(text).unwrap()).collect()
    }

    #[test]
    fn the_last_instalment_takes_the_residual() {
        let thirds = percents(&["33.33", "33.33", "33.34"]);
        let amounts = schedule_amounts(usd("100.01"), &thirds).unwrap();
        assert_eq!(amounts, [usd("33.33"), usd("33.33"), usd("33.35")]);
        let credit = schedule_amounts(usd("-100.01"), &thirds).unwrap();
        assert_eq!(credit, [usd("-33.33"), usd("-33.33"), usd("-33.35")]);
        let tiny = schedule_amounts(usd("0.03"), &percents(&["30", "30", "40"])).unwrap();
        assert_eq!(tiny, [usd("0.01"), usd("0.01"), usd("0.01")]);
    }

    #[test]
    fn a_schedule_covers_the_price() {
        for wrong in [&["50", "49.99"][..], &[], &["100", "0.01"], &["110", "-10"]] {
            let error = schedule_amounts(usd("100"), &percents(wrong)).unwrap_err();
            assert_eq!(error.field, "percents", "{wrong:?}");
        }
        let vast = [Decimal::MAX, Decimal::MAX];
        assert!(schedule_amounts(usd("100"), &vast).is_err());
    }

    #[test]
    fn a_change_order_stands_beside_the_percents() {
        let shares = [
            Share::Percent(Decimal::from(50)),
            Share::Percent(Decimal::from(50)),
            Share::Amount(usd("5.00")),
        ];
        let amounts = instalments(usd("100.01"), &shares).unwrap();
        assert_eq!(amounts, [usd("50.01"), usd("50.00"), usd("5.00")]);
        let part = instalments(usd("100.01"), &shares[..1]).unwrap();
        assert_eq!(part, [usd("50.01")]);
    }
}
