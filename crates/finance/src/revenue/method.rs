//! What a contract line has earned, by its revenue method, and what of it is the period's.

use strata_kernel::{Date, Decimal, Money, Reason, Result};

use super::milestone::{Milestone, milestone_progress};
use super::progress::Progress;
use super::straight_line::elapsed;
use super::time_and_material::right_to_invoice;
use crate::amount::{at_most, difference};

/// How a contract line earns its price, with what is known at the close of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method<'a> {
    /// Time and material: what may be invoiced is what is earned (IFRS 15 B16, ASC 606-10-55-18).
    RightToInvoice {
        /// Prices of all approved chargeable time and expenses so far, invoiced or not.
        approved: Money,
        /// The most that may ever be billed.
        cap: Option<Money>,
    },
    /// Fixed price by input: cost-to-cost with costs, hours input with minutes (IFRS 15 B18-B19).
    Input {
        /// Price of the line.
        price: Money,
        /// Effort so far.
        done: Decimal,
        /// Newest estimate at completion, in the unit of `done`.
        estimate: Option<Decimal>,
    },
    /// Fixed price by output: accepted milestones (IFRS 15 B15).
    Output {
        /// Price of the line.
        price: Money,
        /// Every milestone of the line.
        milestones: &'a [Milestone],
    },
    /// The same for each day: stand-ready services and prepaid periods (IFRS 15 B18).
    StraightLine {
        /// Price of the term.
        price: Money,
        /// First day.
        from: Date,
        /// Day after the last.
        to: Date,
        /// Day after the last day that counts: the end of the period.
        until: Date,
    },
    /// Progress cannot be measured yet, but the cost will be recovered: revenue is the cost, up to the price
    /// (IFRS 15.45, ASC 606-10-25-37).
    CostRecovery {
        /// Price of the line.
        price: Money,
        /// Cost so far.
        cost: Money,
    },
}

/// Revenue of a line at the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// Earned since the start.
    pub cumulative: Money,
    /// Earned in the period: the cumulative figure less what was recognised before. Below zero when a
    /// higher estimate or a correction takes revenue back.
    pub period: Money,
    /// What somebody should look at: `EAC_MISSING` or `EAC_BELOW_ACTUAL`.
    pub warning: Option<Reason>,
}

/// Revenue of a period by a method. Changed estimates, prices and late time are caught up in this period
/// (cumulative catch-up); earlier periods never change. The cumulative figure is rounded, once; the
/// period's is the exact difference.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`; see the methods for what else they refuse.
/// Source: IFRS 15.39-45, ASC 606-10-25-31 to 25-37; the methods name their own paragraphs.
pub fn recognise(method: &Method<'_>, recognised_before: Money) -> Result<Recognised> {
    let (cumulative, warning) = match *method {
        Method::RightToInvoice { approved, cap } => (right_to_invoice(approved, cap)?, None),
        Method::Input { price, done, estimate } => fixed(price, Progress::input(done, estimate)?)?,
        Method::Output { price, milestones } => fixed(price, milestone_progress(milestones)?)?,
        Method::StraightLine { price, from, to, until } => fixed(price, elapsed(from, to, until)?)?,
        Method::CostRecovery { price, cost } => (at_most(cost, price)?, None),
    };
    Ok(Recognised {
        cumulative,
        period: period_revenue(cumulative, recognised_before)?,
        warning,
    })
}

fn fixed(price: Money, progress: Progress) -> Result<(Money, Option<Reason>)> {
    Ok((progress.earned(price)?, progress.warning()))
}

/// Revenue of a period: cumulative now less recognised before.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Exact. Source: cumulative catch-up, IFRS 15.43, ASC
/// 606-10-25-35.
pub fn period_revenue(cumulative: Money, recognised_before: Money) -> Result<Money> {
    difference(cumulative, recognised_before)
}

/// Cumulative revenue after the right to it is lost, as when the customer is in default before the work is accepted: no
/// more than was collected. The difference to what was recognised is reversed now; earlier periods never change.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Nothing is rounded.
/// Source: a contract that no longer meets the criteria, IFRS 15.9(e) and 15.15, ASC 606-10-25-1(e) and 25-7.
pub fn after_loss_of_right(recognised: Money, collected: Money) -> Result<Recognised> {
    let cumulative = at_most(recognised, collected)?;
    Ok(Recognised {
        cumulative,
        period: period_revenue(cumulative, recognised)?,
        warning: None,
    })
}

/// Revenue of periods that follow one another, each as it was known at its own close.
///
/// Refuses as [`recognise`] does. Source: cumulative catch-up, IFRS 15.43, ASC 606-10-25-35.
pub fn recognise_series(periods: &[Method<'_>]) -> Result<Vec<Recognised>> {
    let mut series: Vec<Recognised> = Vec::with_capacity(periods.len());
    for method in periods {
        let mut now = recognise(method, Money::zero(method.currency()))?;
        if let Some(last) = series.last() {
            now.period = period_revenue(now.cumulative, last.cumulative)?;
        }
        series.push(now);
    }
    Ok(series)
}

impl Method<'_> {
    fn currency(&self) -> strata_kernel::Currency {
        match self {
            Self::RightToInvoice { approved: price, .. }
            | Self::Input { price, .. }
            | Self::Output { price, .. }
            | Self::StraightLine { price, .. }
            | Self::CostRecovery { price, .. } => price.currency,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;
    use strata_kernel::Currency;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn hours(price: i64, done: i64, estimate: Option<i64>) -> Method<'static> {
        Method::Input {
            price: eur(price),
            done: done.into(),
            estimate: estimate.map(Decimal::from),
        }
    }

    #[test]
    fn a_higher_estimate_takes_revenue_back() {
        let series = recognise_series(&[
            hours(90_000, 300, None),
            hours(90_000, 300, Some(600)),
            hours(90_000, 300, Some(900)),
            hours(120_000, 950, Some(900)),
        ])
        .unwrap();
        let periods: Vec<i64> = series.iter().map(|row| row.period.minor).collect();
        assert_eq!(periods, [0, 45_000, -15_000, 90_000]);
        let warnings: Vec<_> = series.iter().map(|row| row.warning).collect();
        assert_eq!(
            warnings,
            [Some(reason::EAC_MISSING), None, None, Some(reason::EAC_BELOW_ACTUAL)]
        );
    }

    #[test]
    fn a_lost_right_leaves_what_was_collected() {
        let after = |recognised, collected| {
            let row = after_loss_of_right(eur(recognised), eur(collected)).unwrap();
            (row.cumulative.minor, row.period.minor)
        };
        assert_eq!(after(1_000, 400), (400, -600));
        assert_eq!(after(1_000, 0), (0, -1_000));
        assert_eq!(after(1_000, 1_500), (1_000, 0), "a deposit beyond the revenue earns nothing");
    }

    #[test]
    fn each_method_measures_its_own_way() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let milestones = [
            Milestone {
                weight: Decimal::from(30),
                accepted: true,
            },
            Milestone {
                weight: Decimal::from(70),
                accepted: false,
            },
        ];
        let cases = [
            (
                Method::RightToInvoice {
                    approved: eur(900),
                    cap: Some(eur(800)),
                },
                800,
            ),
            (hours(1_000, 1, Some(3)), 333),
            (
                Method::Output {
                    price: eur(1_000),
                    milestones: &milestones,
                },
                300,
            ),
            (
                Method::StraightLine {
                    price: eur(3_650),
                    from: day("2025-01-01"),
                    to: day("2026-01-01"),
                    until: day("2025-02-01"),
                },
                310,
            ),
            (
                Method::CostRecovery {
                    price: eur(1_000),
                    cost: eur(1_200),
                },
                1_000,
            ),
        ];
        for (method, cumulative) in cases {
            let got = recognise(&method, eur(100)).unwrap();
            assert_eq!(got.cumulative, eur(cumulative), "{method:?}");
            assert_eq!(got.period, eur(cumulative - 100), "{method:?}");
        }
    }

    #[test]
    fn does_not_mix_currencies() {
        let usd = Money::zero(Currency::parse("USD").unwrap());
        let error = recognise(&hours(1_000, 1, Some(2)), usd).unwrap_err();
        assert_eq!(error.reason, reason::RATE_CURRENCY_MISMATCH);
    }
}
