//! What the books say afterwards.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use strata_firm::books::{self, Report};
use strata_firm::data::Firm;

use crate::Arguments;
use crate::field::Field;
use crate::life::Life;

/// What the checker found, which shares no code with the platform.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// Things people or vendors did that the platform must have taken up.
    pub(crate) acknowledged: u64,
    /// Of those, what is nowhere.
    pub(crate) lost: u64,
    /// What is there more than once.
    pub(crate) doubled: u64,
    /// Sum of what amounts are off, in minor units of their currencies.
    pub(crate) difference: u64,
    /// Other rules that do not hold.
    pub(crate) broken: u64,
    /// What was checked, and how much of it there was.
    pub(crate) checks: std::collections::BTreeMap<String, u64>,
    /// In words, the first few.
    pub(crate) findings: Vec<String>,
}

/// What came out.
pub(crate) struct Verdict {
    /// What the independent checker says.
    pub(crate) checked: Checked,
    /// The comparison with the firm's expected books, through the platform's own contracts.
    pub(crate) report: Report,
    /// Payments that the books did not take.
    pub(crate) refused: Vec<(String, String)>,
}

impl Verdict {
    /// Nothing lost, nothing doubled, no difference.
    pub(crate) fn holds(&self) -> bool {
        let checked = &self.checked;
        checked.acknowledged > 0
            && checked.lost + checked.doubled + checked.difference + checked.broken == 0
            && self.report.agrees()
            && self.refused.is_empty()
    }
}

/// Lets the books be checked: first by the independent program, then against what must have come out.
pub(crate) async fn reach(arguments: &Arguments, firm: &Firm, life: &Life<'_>, field: &Field) -> Result<Verdict> {
    let checked = check(arguments, field)?;
    let refused = life.until_the_end().await?.payments_refused;
    // This one damages the books on purpose, to see whether the platform finds it. So it comes last.
    let report = books::check(firm, &life.stage()?, life.journal())
        .await
        .context("the books cannot be compared")?;
    Ok(Verdict {
        checked,
        report,
        refused,
    })
}

fn check(arguments: &Arguments, field: &Field) -> Result<Checked> {
    let mut command = Command::new("python3");
    command.arg("-B").arg(&arguments.checker);
    command.arg("--firm").arg(&arguments.firm);
    command.arg("--sandbox").arg(arguments.work.join("sandbox"));
    command.arg("--store").arg(&arguments.store);
    command.arg("--forged").arg(field.forged.to_string());
    if let Some(psql) = &arguments.psql {
        command.arg("--psql").arg(psql);
    }
    let output = command.output().context("python3 cannot be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    // 0: the books agree; 1: they do not; else the checker itself failed.
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("the checker failed: {said}");
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("the checker says: {said}"))
}
