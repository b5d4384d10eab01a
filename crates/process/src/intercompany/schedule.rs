//! When companies charge each other: each month's work on the billing day of the month after.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strata_kernel::{Date, Error, Result, period_of};

use crate::approved::Asked;
use crate::core::Core;
use crate::engine::{NewRun, NewStep, kind};
use crate::monthly;

/// Name of the cursor that remembers the last billing day.
const CURSOR: &str = "intercompany-schedule";

/// Input of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Input {
    /// Billing day: what is known.
    pub(super) known_on: Date,
    /// Last day of the month that is charged.
    pub(super) month_end: Date,
}

impl Input {
    /// All work there ever was until the end of the month.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            from: NaiveDate::default(),
            to: self.month_end,
            known: self.known_on,
        }
    }

    /// "2025-03".
    pub(super) fn period(&self) -> String {
        period_of(self.month_end)
    }
}

/// Starts a run for the next billing day that has come.
pub(crate) async fn schedule(core: &Core) -> Result<u64> {
    let Some(known_on) = monthly::due(core, CURSOR, core.settings.billing_day).await? else {
        return Ok(0);
    };
    monthly::worked(core, CURSOR, known_on, vec![run(known_on)?]).await
}

fn run(known_on: Date) -> Result<NewRun> {
    let input = Input {
        known_on,
        month_end: monthly::month_before(known_on),
    };
    Ok(NewRun {
        kind: kind::INTERCOMPANY,
        subject: input.period(),
        ordering_key: "intercompany".to_owned(),
        engagement_id: String::new(),
        input: serde_json::to_string(&input).map_err(Error::internal)?,
        steps: vec![NewStep::new("compute")],
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_run_charges_the_month_before() {
        let new = run("2026-01-05".parse().unwrap()).unwrap();
        let input: Input = serde_json::from_str(&new.input).unwrap();
        assert_eq!(
            (input.month_end.to_string(), new.subject),
            ("2025-12-31".to_owned(), "2025-12".to_owned())
        );
        assert!(input.asked().from < "2000-01-01".parse().unwrap());
    }
}
