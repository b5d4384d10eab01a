//! One row of the table: what was measured, beside what bounds it.

use serde::Serialize;

use crate::rounds::Figure;

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
}

/// A figure of a row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Value {
    /// What it is: "of its requests/s", "p99".
    pub(crate) what: &'static str,
    /// Unit: "x" for a quotient, "ms", "MiB", "/s".
    pub(crate) unit: &'static str,
    /// The figure.
    pub(crate) figure: Figure,
    /// What it has to be. None: it is told for comparison.
    pub(crate) target: Option<Target>,
}

impl Value {
    /// A figure with nothing to reach.
    pub(crate) fn told(what: &'static str, unit: &'static str, figure: Figure) -> Self {
        let target = None;
        Self {
            what,
            unit,
            figure,
            target,
        }
    }

    /// A figure that has to be so much or more.
    pub(crate) fn at_least(what: &'static str, unit: &'static str, figure: Figure, least: f64) -> Self {
        let target = Some(Target::AtLeast(least));
        Self {
            what,
            unit,
            figure,
            target,
        }
    }

    /// A figure that has to be so much or less.
    pub(crate) fn at_most(what: &'static str, unit: &'static str, figure: Figure, most: f64) -> Self {
        let target = Some(Target::AtMost(most));
        Self {
            what,
            unit,
            figure,
            target,
        }
    }

    /// Whether the median reaches the target. None: there is none.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.target.map(|target| match target {
            Target::AtLeast(least) => self.figure.median >= least,
            Target::AtMost(most) => self.figure.median <= most,
        })
    }
}

/// A row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// Short name, for `--only`.
    pub(crate) id: String,
    /// What was done.
    pub(crate) what: String,
    /// What bounds it, measured in the same rounds.
    pub(crate) bound: String,
    /// The figures.
    pub(crate) values: Vec<Value>,
}
