//! Finds the pairs that there is something to charge between: one look at all approved work, for all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strata_kernel::{Currency, Error, Money, Result};
use strata_store::both;

use super::schedule::Input;
use super::work::{self, Work};
use crate::core::Core;
use crate::engine::{Done, Job, NewStep, Stop};
use crate::store::rows::ChargeRow;
use crate::store::{lite, pg};

/// What is known of the work of one pair. Steps that follow read it from the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) delivering: String,
    pub(super) contracting: String,
    /// Currency of the delivering entity's books.
    pub(super) currency_code: String,
    /// Minutes and transfer price in minor units, by month of the work.
    pub(super) months: BTreeMap<String, (i64, i64)>,
    /// Entries without a transfer rate.
    pub(super) unpriced: u32,
}

impl Target {
    /// What people call the pair, and what its steps and journals are named by.
    pub(super) fn name(&self) -> String {
        format!("{} for {}", self.delivering, self.contracting)
    }

    pub(super) fn currency(&self) -> Result<Currency> {
        Currency::parse(&self.currency_code).map_err(Error::from)
    }

    /// Minutes and money that were not charged yet, by month of the work. Months without a difference are left out.
    pub(super) fn less(&self, charged: &[ChargeRow]) -> Result<BTreeMap<String, (i64, Money)>> {
        let currency = self.currency()?;
        let mut rest: BTreeMap<String, (i64, Money)> = BTreeMap::new();
        for (period, (minutes, minor)) in &self.months {
            rest.insert(period.clone(), (*minutes, Money::new(*minor, currency)));
        }
        for row in charged {
            let held = rest.entry(row.work_period.clone()).or_insert((0, Money::zero(currency)));
            let before = Money::new(row.minor_units, Currency::parse(&row.currency_code)?);
            *held = (held.0 - row.minutes, held.1.plus(before.negated())?);
        }
        rest.retain(|_, (minutes, amount)| *minutes != 0 || amount.minor != 0);
        Ok(rest)
    }
}

/// The pairs of a run, by name.
pub(super) type Targets = BTreeMap<String, Target>;

/// What all pairs worked for each other.
pub(super) fn targets(work: Work) -> Targets {
    let mut targets = Targets::new();
    for (pair, sum) in work.sums {
        let target = Target {
            delivering: pair.delivering,
            contracting: pair.contracting,
            currency_code: sum.amount.currency.code().to_owned(),
            months: BTreeMap::new(),
            unpriced: 0,
        };
        let target = targets.entry(target.name()).or_insert(target);
        target.months.insert(pair.period, (sum.minutes, sum.amount.minor));
        target.unpriced += sum.unpriced;
    }
    targets
}

/// Adds a step for each pair that has something to charge, or cannot be priced.
pub(super) async fn compute(job: &Job<'_>) -> Result<Done, Stop> {
    let input: Input = serde_json::from_str(&job.run.input).map_err(Error::internal)?;
    let targets = targets(work::read(job.core, input.asked(), job.core.today()).await?);
    let mut open = Targets::new();
    for (name, target) in targets {
        let charged = charged(job.core, &target).await?;
        if target.unpriced > 0 || !target.less(&charged)?.is_empty() {
            open.insert(name, target);
        }
    }
    let steps = open.keys().map(|name| NewStep::new(format!("charge:{name}"))).collect();
    Ok(Done {
        result: serde_json::json!({ "pairs": open }),
        steps,
        ..Done::default()
    })
}

/// What the pair was charged before.
pub(super) async fn charged(core: &Core, target: &Target) -> Result<Vec<ChargeRow>> {
    let (delivering, contracting) = (target.delivering.clone(), target.contracting.clone());
    core.db
        .read(move |c| both!(c, intercompany::of_pair(&delivering, &contracting)))
        .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn target(months: &[(&str, i64, i64)]) -> Target {
        let months = months
            .iter()
            .map(|(period, minutes, minor)| ((*period).to_owned(), (*minutes, *minor)));
        Target {
            delivering: "IN01".into(),
            contracting: "DE01".into(),
            currency_code: "INR".into(),
            months: months.collect(),
            unpriced: 0,
        }
    }

    fn row(period: &str, minutes: i64, minor_units: i64) -> ChargeRow {
        ChargeRow {
            run_period: period.into(),
            delivering_entity_code: "IN01".into(),
            contracting_entity_code: "DE01".into(),
            work_period: period.into(),
            currency_code: "INR".into(),
            minutes,
            minor_units,
            known_on: "2025-04-05".parse().unwrap(),
            correlation_id: "cor".into(),
        }
    }

    fn rest(target: &Target, charged: &[ChargeRow]) -> Vec<(String, i64, i64)> {
        let rest = target.less(charged).unwrap();
        rest.into_iter()
            .map(|(period, (minutes, amount))| (period, minutes, amount.minor))
            .collect()
    }

    #[test]
    fn the_rest_is_charged_month_by_month() {
        let now = target(&[("2025-02", 60, 1000), ("2025-03", 90, 1500)]);
        assert_eq!(
            rest(&now, &[]),
            [("2025-02".to_owned(), 60, 1000), ("2025-03".to_owned(), 90, 1500)]
        );
        assert_eq!(rest(&now, &[row("2025-02", 60, 1000)]), [("2025-03".to_owned(), 90, 1500)]);
    }

    #[test]
    fn a_correction_takes_back() {
        let corrected = target(&[("2025-02", 30, 500)]);
        assert_eq!(
            rest(&corrected, &[row("2025-02", 60, 1000)]),
            [("2025-02".to_owned(), -30, -500)]
        );
        // The work of a month may be gone altogether.
        assert_eq!(
            rest(&target(&[]), &[row("2025-02", 60, 1000)]),
            [("2025-02".to_owned(), -60, -1000)]
        );
        let again = [row("2025-02", 60, 1000), row("2025-02", -30, -500)];
        assert_eq!(rest(&corrected, &again), []);
    }
}
