//! What lines change in the sums.

use std::collections::{BTreeMap, BTreeSet};

use strata_kernel::{Error, Result};
use strata_store::{Conn, both};

use super::{level, plus, share};
use crate::store::rows_positions::{OwnerRow, PositionCell, PositionLine};
use crate::store::{lite, pg};

/// Level, contract, project, month and currency of a sum.
type Key = (&'static str, String, String, String, String);

/// Differences to sums of one generation, collected before any of them is written: each sum is written once, in one order.
pub(super) struct Deltas {
    generation: i64,
    cells: BTreeMap<Key, PositionCell>,
    owners: BTreeMap<String, OwnerRow>,
    /// Contracts and months in which the value of work or the revenue changed: revenue is shared anew there.
    months: BTreeSet<(String, String)>,
}

/// Figures of a line in one currency.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) unbilled_entries: i64,
    pub(super) unbilled_minutes: i64,
    pub(super) unbilled_minor: i64,
    pub(super) value_minor: i64,
    pub(super) earned_minor: i64,
    pub(super) billed_minor: i64,
    pub(super) cost_minutes: i64,
    pub(super) cost_minor: i64,
}

impl Figures {
    /// Those in the currency of the line, and those in the currency of its cost.
    pub(super) fn of(line: &PositionLine) -> [(&str, Self); 2] {
        let own = Self {
            unbilled_entries: line.unbilled_entries,
            unbilled_minutes: line.unbilled_minutes,
            unbilled_minor: line.unbilled_minor,
            value_minor: line.value_minor,
            earned_minor: line.earned_minor,
            billed_minor: line.billed_minor,
            ..Self::default()
        };
        let cost = Self {
            cost_minutes: line.cost_minutes,
            cost_minor: line.cost_minor,
            ..Self::default()
        };
        [(&line.currency_code, own), (&line.cost_currency_code, cost)]
    }

    fn negated(self) -> Self {
        Self {
            unbilled_entries: -self.unbilled_entries,
            unbilled_minutes: -self.unbilled_minutes,
            unbilled_minor: -self.unbilled_minor,
            value_minor: -self.value_minor,
            earned_minor: -self.earned_minor,
            billed_minor: -self.billed_minor,
            cost_minutes: -self.cost_minutes,
            cost_minor: -self.cost_minor,
        }
    }
}

/// Adds figures to a sum.
pub(super) fn add_to(cell: &mut PositionCell, figures: &Figures) -> Result<()> {
    cell.unbilled_entries = plus(cell.unbilled_entries, figures.unbilled_entries)?;
    cell.unbilled_minutes = plus(cell.unbilled_minutes, figures.unbilled_minutes)?;
    cell.unbilled_minor = plus(cell.unbilled_minor, figures.unbilled_minor)?;
    cell.value_minor = plus(cell.value_minor, figures.value_minor)?;
    cell.earned_minor = plus(cell.earned_minor, figures.earned_minor)?;
    cell.billed_minor = plus(cell.billed_minor, figures.billed_minor)?;
    cell.wip_minor = plus(cell.wip_minor, plus(figures.earned_minor, -figures.billed_minor)?)?;
    cell.cost_minutes = plus(cell.cost_minutes, figures.cost_minutes)?;
    cell.cost_minor = plus(cell.cost_minor, figures.cost_minor)?;
    Ok(())
}

impl Deltas {
    pub(super) fn new(generation: i64, owners: impl IntoIterator<Item = OwnerRow>) -> Self {
        Self {
            generation,
            cells: BTreeMap::new(),
            owners: owners.into_iter().map(|row| (row.contract_number_or_lead(), row)).collect(),
            months: BTreeSet::new(),
        }
    }

    /// A line adds this from now on.
    pub(super) fn put(&mut self, line: &PositionLine) -> Result<()> {
        self.line(line, |figures| figures)
    }

    /// A line does not add this any more.
    pub(super) fn take(&mut self, line: &PositionLine) -> Result<()> {
        self.line(line, Figures::negated)
    }

    fn line(&mut self, line: &PositionLine, signed: impl Fn(Figures) -> Figures) -> Result<()> {
        if !line.contract_number.is_empty() {
            self.months.insert((line.contract_number.clone(), line.period.clone()));
        }
        for (currency, figures) in Figures::of(line) {
            if figures == Figures::default() {
                continue;
            }
            let figures = signed(figures);
            // Revenue is its contract's: projects get their shares of it.
            if figures.earned_minor == 0 {
                self.add(
                    (level::PROJECT, &line.contract_number, &line.project_code),
                    &line.period,
                    currency,
                    &figures,
                )?;
            }
            if !line.contract_number.is_empty() {
                self.add((level::CONTRACT, &line.contract_number, ""), &line.period, currency, &figures)?;
            }
        }
        Ok(())
    }

    /// To the sum of a month, and to that of all.
    fn add(
        &mut self,
        (level, contract, project): (&'static str, &str, &str),
        period: &str,
        currency: &str,
        figures: &Figures,
    ) -> Result<()> {
        let owner = self.owners.get(if contract.is_empty() { project } else { contract });
        let owner = owner.ok_or_else(|| Error::internal(format!("nobody knows whose {contract} {project} is")))?;
        for period in [period, ""] {
            let key = (
                level,
                contract.to_owned(),
                project.to_owned(),
                period.to_owned(),
                currency.to_owned(),
            );
            let empty = || empty(self.generation, owner, level, project, (period, currency));
            add_to(self.cells.entry(key).or_insert_with(empty), figures)?;
        }
        Ok(())
    }

    /// Writes the differences, and shares the revenue of the months that they are of, in the caller's transaction.
    pub(super) fn store(mut self, conn: &mut Conn<'_>) -> Result<()> {
        self.write(conn)?;
        let months = std::mem::take(&mut self.months);
        for share in share::changed(conn, self.generation, &months)? {
            let figures = Figures {
                earned_minor: share.difference,
                ..Figures::default()
            };
            let of = (level::PROJECT, share.contract_number.as_str(), share.project_code.as_str());
            self.add(of, &share.period, &share.currency_code, &figures)?;
        }
        self.write(conn)
    }

    fn write(&mut self, conn: &mut Conn<'_>) -> Result<()> {
        let rows: Vec<PositionCell> = std::mem::take(&mut self.cells).into_values().collect();
        let rows: Vec<PositionCell> = rows.into_iter().filter(|row| !is_nothing(row)).collect();
        both!(conn, position_cells::add(&rows)).map(drop)
    }
}

impl OwnerRow {
    /// What sums are called by: the contract, or the project of internal work.
    fn contract_number_or_lead(&self) -> String {
        if self.contract_number.is_empty() {
            self.lead_project_code.clone()
        } else {
            self.contract_number.clone()
        }
    }
}

/// A sum of nothing.
pub(super) fn empty(
    generation: i64,
    owner: &OwnerRow,
    level: &str,
    project: &str,
    (period, currency): (&str, &str),
) -> PositionCell {
    PositionCell {
        generation,
        level: level.to_owned(),
        contract_number: owner.contract_number.clone(),
        project_code: project.to_owned(),
        period: period.to_owned(),
        currency_code: currency.to_owned(),
        legal_entity_code: owner.legal_entity_code.clone(),
        customer_id: owner.customer_id.clone(),
        engagement_id: owner.engagement_id.clone(),
        unbilled_entries: 0,
        unbilled_minutes: 0,
        unbilled_minor: 0,
        value_minor: 0,
        earned_minor: 0,
        billed_minor: 0,
        wip_minor: 0,
        cost_minutes: 0,
        cost_minor: 0,
    }
}

/// Whether a sum is of nothing.
pub(super) fn is_nothing(cell: &PositionCell) -> bool {
    [
        cell.unbilled_entries,
        cell.unbilled_minutes,
        cell.unbilled_minor,
        cell.value_minor,
        cell.earned_minor,
        cell.billed_minor,
        cell.cost_minutes,
        cell.cost_minor,
    ]
    .iter()
    .all(|figure| *figure == 0)
}
