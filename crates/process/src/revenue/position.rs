//! What stands between what contracts earned and what they billed at the end of a period.

use std::collections::{BTreeMap, HashMap};

use strata_contract::strata::common::v1::ContractType;
use strata_finance::revenue::balances::{self, LineToDate, Right};
use strata_kernel::{Currency, Date, Money, Result};
use strata_store::both;

use crate::core::Core;
use crate::store::rows::RevenueRow;
use crate::store::{lite, pg};

/// Position of a contract at the end of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) contract_number: String,
    pub(crate) engagement_id: String,
    pub(crate) revenue: Money,
    pub(crate) billed: Money,
    pub(crate) balances: balances::Position,
}

/// Positions of contracts, by number. A contract for which the period is not closed is left out.
pub(crate) async fn positions(core: &Core, contracts: Vec<String>, period: &str, period_end: Date) -> Result<Vec<Position>> {
    let period = period.to_owned();
    let (rows, documents) = core
        .db
        .read(move |c| {
            let rows = both!(c, revenue::of_period(&contracts, &period))?;
            Ok((rows, both!(c, revenue::billed(&contracts, period_end))?))
        })
        .await?;
    let mut billed: HashMap<String, Vec<i64>> = HashMap::new();
    for (contract, net) in documents {
        billed.entry(contract).or_default().push(net);
    }
    let mut earned: BTreeMap<String, Vec<RevenueRow>> = BTreeMap::new();
    for row in rows {
        earned.entry(row.contract_number.clone()).or_default().push(row);
    }
    earned
        .iter()
        .map(|(contract, rows)| position(rows, billed.get(contract).map_or(&[], Vec::as_slice)))
        .collect()
}

/// Position that events of one contract and the net of its documents lead to.
fn position(rows: &[RevenueRow], documents: &[i64]) -> Result<Position> {
    let first = &rows[0];
    let currency = Currency::parse(&first.currency_code)?;
    let sum = |minors: &mut dyn Iterator<Item = i64>| {
        let mut amounts = minors.map(|minor| Money::new(minor, currency));
        amounts.try_fold(Money::zero(currency), Money::plus)
    };
    let revenue = sum(&mut rows.iter().map(|row| row.cumulative))?;
    let billed = sum(&mut documents.iter().copied())?;
    let right = match ContractType::from_str_name(&first.contract_type).unwrap_or_default() {
        ContractType::Time | ContractType::TimeCapped | ContractType::Blended => Right::OnlyTimeMissing,
        _ => Right::Conditional,
    };
    let line = LineToDate { revenue, billed, right };
    Ok(Position {
        contract_number: first.contract_number.clone(),
        engagement_id: first.engagement_id.clone(),
        revenue,
        billed,
        balances: balances::position(currency, &[line])?,
    })
}
