//! Why does an entry cost this? Its minutes, its rate and its roundings, for a person.

use strata_kernel::{Date, Result};

use super::time::{percent_of_rate, question};
use super::{BillingTerms, TimeEntry, TimePrice, price_time};
use crate::rates::{Explanation, RateBook, explain};
use crate::rounding::{RoundingMode, TimeRounding};

/// A time entry's price with what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceExplanation {
    /// The price, before any cap.
    pub price: TimePrice,
    /// The rate. None when no minutes count.
    pub rate: Option<Explanation>,
    /// From worked to billable minutes, in a sentence.
    pub minutes: String,
    /// From rate and minutes to the amount, with the place of the rounding, in a sentence.
    pub amount: String,
}

/// Prices a time entry as [`price_time`] does, and tells how. None when it is not approved by then.
/// Slower: for one entry at a time, to show a person. Refuses what `price_time` refuses.
///
/// Units and rounding as there. Source: see [`price_time`].
pub fn explain_time(
    terms: &BillingTerms,
    rates: &RateBook,
    entry: &TimeEntry,
    known_on: Date,
) -> Result<Option<PriceExplanation>> {
    let Some(price) = price_time(terms, rates, entry, known_on)? else {
        return Ok(None);
    };
    let Some(version) = entry.version_on(known_on) else {
        return Ok(None);
    };
    let rate = match &price.rate {
        Some(_) => Some(explain(&question(terms, entry, version, known_on), rates)?),
        None => None,
    };
    let minutes = match version.billable {
        true => format!(
            "{} minutes were worked and {} are billable: {}, less {} written down.",
            version.minutes,
            price.minutes,
            rounding_in_words(terms.time_rounding),
            version.write_down_minutes
        ),
        false => format!("{} minutes were worked and none is billable.", version.minutes),
    };
    let amount = match &rate {
        Some(rate) => format!(
            "{} x {} minutes / {} minutes x {} percent = {} {}, rounded once, half away from zero, to {} decimals.",
            rate.resolved.rate,
            price.minutes,
            rate.resolved.unit.minutes(),
            percent_of_rate(terms, version),
            price.amount,
            terms.currency,
            terms.currency.exponent()
        ),
        None => format!("Nothing to price: {} {}.", price.amount, terms.currency),
    };
    Ok(Some(PriceExplanation {
        price,
        rate,
        minutes,
        amount,
    }))
}

impl PriceExplanation {
    /// The explanation as sentences: minutes, rate, amount.
    pub fn in_words(&self) -> Vec<String> {
        let rate = self.rate.iter().flat_map(Explanation::in_words);
        std::iter::once(self.minutes.clone())
            .chain(rate)
            .chain([self.amount.clone()])
            .collect()
    }
}

fn rounding_in_words(rule: TimeRounding) -> String {
    let increment = rule.increment_minutes.max(1);
    let lifted = match rule.minimum_minutes {
        0 => "no minimum".to_owned(),
        minimum => format!("at least {minimum}"),
    };
    let rounded = match rule.mode {
        RoundingMode::None => "not rounded".to_owned(),
        _ if increment == 1 => "not rounded".to_owned(),
        RoundingMode::Up => format!("rounded up to a multiple of {increment}"),
        RoundingMode::HalfUp => format!("rounded to the nearest multiple of {increment}, halves away from zero"),
        mode => format!("rounded to a multiple of {increment} by the mode {mode:?}"),
    };
    format!("{lifted}, {rounded}")
}
