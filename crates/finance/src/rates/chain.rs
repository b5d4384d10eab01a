//! A plain chain of levels, strongest first, for sources that know rates and no dates.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::hours_amount;
use crate::reason;

/// What a rate of a chain pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainKind {
    /// An hour.
    Hourly,
    /// The whole entry, however long it took.
    Fixed,
}

impl ChainKind {
    /// The kind of a word. Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "hourly" => Ok(Self::Hourly),
            "fixed" => Ok(Self::Fixed),
            _ => Err(Error::invalid(
                "kind",
                format!("\"{word}\" is no kind of rate; use hourly or fixed"),
            )),
        }
    }
}

/// One level of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLevel {
    /// What the source calls it.
    pub name: String,
    /// Price in major units. None: the level says nothing. Zero is a price.
    pub rate: Option<Decimal>,
    /// What it pays for.
    pub kind: ChainKind,
}

/// Price of an entry, and the level that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainPrice {
    /// Price, rounded once.
    pub amount: Money,
    /// Name of the level.
    pub level: String,
}

/// Prices an entry by the first level that has a rate: hourly times the hours, fixed as it is.
///
/// Source of the rule: the rate service of the Kimai time tracker. Refuses a rate below zero, and with
/// `RATE_NOT_FOUND` a chain without a rate.
pub fn price_by_chain(levels: &[ChainLevel], minutes: i64, currency: Currency) -> Result<ChainPrice> {
    let found = levels.iter().find_map(|level| level.rate.map(|rate| (level, rate)));
    let Some((level, rate)) = found else {
        return Err(Error::precondition(reason::RATE_NOT_FOUND, "no level has a rate"));
    };
    if rate < Decimal::ZERO {
        return Err(Error::invalid(
            "rate",
            format!("the rate of level \"{}\" is below zero", level.name),
        ));
    }
    let amount = match level.kind {
        ChainKind::Hourly => hours_amount(rate, minutes, Decimal::ONE_HUNDRED, Decimal::ZERO, currency)?,
        ChainKind::Fixed => Money::round(rate, currency)?,
    };
    Ok(ChainPrice {
        amount,
        level: level.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn level(name: &str, rate: Option<i64>, kind: ChainKind) -> ChainLevel {
        ChainLevel {
            name: name.to_owned(),
            rate: rate.map(Decimal::from),
            kind,
        }
    }

    #[test]
    fn a_zero_is_a_rate_and_nothing_is_none() {
        let yen = Currency::parse("JPY").unwrap();
        let chain = [
            level("entry", None, ChainKind::Hourly),
            level("task", Some(0), ChainKind::Hourly),
            level("project", Some(7), ChainKind::Fixed),
        ];
        let free = price_by_chain(&chain, 30, yen).unwrap();
        assert_eq!((free.amount.minor, free.level.as_str()), (0, "task"));
        assert_eq!(price_by_chain(&chain[2..], 0, yen).unwrap().amount.minor, 7);
        assert_eq!(
            price_by_chain(&chain[..1], 30, yen).unwrap_err().reason,
            reason::RATE_NOT_FOUND
        );
        assert_eq!(price_by_chain(&[], 30, yen).unwrap_err().reason, reason::RATE_NOT_FOUND);
        let below = [level("task", Some(-1), ChainKind::Fixed)];
        assert_eq!(price_by_chain(&below, 30, yen).unwrap_err().field, "rate");
        assert!(ChainKind::parse("weekly").is_err());
    }
}
