//! Sums as dashboards show them at the end of the year, against what must have come out: they are kept beside the facts, through every
//! kill and every repeat, and end where the year does.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use rust_decimal::Decimal;
use strata_contract::money;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::position::v1 as pb;
use strata_kernel::parse_decimal;

use super::documents::is_foreseen;
use super::evidence::{Dashboards, Evidence};
use super::read::PAGE;
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::Stage;
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "dashboards";

/// Reads margins by project and work in progress by contract, and lets the platform compare its sums with their facts.
pub(super) async fn read(stage: &Stage) -> Result<Dashboards> {
    let mut client = stage.positions.clone();
    let answer = client.check_positions(pb::CheckPositionsRequest {}).boxed().await;
    let differing = answer.map_err(Error::platform("CheckPositions"))?.into_inner().differing;
    Ok(Dashboards {
        differing,
        projects: projects(stage).await?,
        contracts: contracts(stage).await?,
    })
}

async fn projects(stage: &Stage) -> Result<BTreeMap<String, (i64, BTreeMap<String, Decimal>)>> {
    let mut client = stage.positions.clone();
    let mut found: BTreeMap<String, (i64, BTreeMap<String, Decimal>)> = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListMarginPositionsRequest {
            page_size: PAGE,
            page_token,
            filter: None,
        };
        let answer = client.list_margin_positions(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListMarginPositions"))?.into_inner();
        for row in &answer.positions {
            let sums = found.entry(project(row.of.as_ref())).or_default();
            sums.0 += row.minutes;
            if let Some(cost) = &row.labour_cost {
                *sums.1.entry(cost.currency_code.clone()).or_default() += amount(Some(cost))?;
            }
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

async fn contracts(stage: &Stage) -> Result<BTreeMap<String, (Decimal, Decimal)>> {
    let mut client = stage.positions.clone();
    let mut found: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListWipPositionsRequest {
            page_size: PAGE,
            page_token,
            filter: Some(pb::PositionFilter {
                level: pb::PositionLevel::Contract.into(),
                ..pb::PositionFilter::default()
            }),
        };
        let answer = client.list_wip_positions(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListWipPositions"))?.into_inner();
        for row in &answer.positions {
            let contract = row.of.as_ref().map(|of| of.contract_number.clone()).unwrap_or_default();
            let sums = found.entry(contract).or_default();
            sums.0 += amount(row.earned.as_ref())?;
            sums.1 += amount(row.billed.as_ref())?;
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

fn project(of: Option<&pb::PositionOf>) -> String {
    of.map(|of| of.project_code.clone()).unwrap_or_default()
}

fn amount(value: Option<&Money>) -> Result<Decimal> {
    let value = value.map(money).transpose();
    let value = value.map_err(|cause| Error::Setup(format!("a sum: {cause}")))?;
    Ok(value.map(strata_kernel::Money::major).unwrap_or_default())
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let got = &evidence.dashboards;
    let mut record = Record::new(report, CHECK, "facts");
    record.text("differing", 0, got.differing);
    record.done();
    let mut left: BTreeSet<&String> = got.projects.keys().collect();
    for row in &firm.expected.projects {
        left.remove(&row.project_id);
        let (minutes, costs) = got.projects.get(&row.project_id).cloned().unwrap_or_default();
        let mut record = Record::new(report, CHECK, &row.project_id);
        record.text("approved_minutes", row.approved_minutes, minutes);
        let currencies: BTreeSet<&String> = row.cost.keys().chain(costs.keys()).collect();
        for currency in currencies {
            let want = row.cost.get(currency).map_or("0", String::as_str);
            record.amount(
                &format!("cost {currency}"),
                want,
                costs.get(currency).copied().unwrap_or_default(),
            );
        }
        record.done();
    }
    for project in left {
        let (minutes, costs) = &got.projects[project];
        if *minutes != 0 || costs.values().any(|cost| !cost.is_zero()) {
            report.unexpected(CHECK, project, format!("{minutes} minutes"));
        }
    }
    compare_contracts(firm, evidence, report);
}

fn compare_contracts(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let got = &evidence.dashboards.contracts;
    let number = |text: &str| parse_decimal(text).unwrap_or_default();
    let mut expected: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
    for row in &firm.expected.revenue {
        expected.entry(&row.contract_id).or_default().0 += number(&row.revenue) + number(&row.expense_revenue);
    }
    for row in &firm.expected.invoices {
        expected.entry(&row.contract_id).or_default().1 += number(&row.net);
    }
    // What is billed for the next year is not foreseen, and counts as the books have it.
    for document in &evidence.documents {
        if !is_foreseen(firm, document.key()) {
            expected.entry(&document.contract).or_default().1 += document.net;
        }
    }
    for (contract, (earned, billed)) in &expected {
        let sums = got.get(*contract).copied().unwrap_or_default();
        let mut record = Record::new(report, CHECK, contract);
        record.amount("earned", &earned.to_string(), sums.0);
        record.amount("billed", &billed.to_string(), sums.1);
        record.done();
    }
    for (contract, (earned, billed)) in got {
        if !expected.contains_key(contract.as_str()) {
            report.unexpected(CHECK, contract, format!("{earned} earned, {billed} billed"));
        }
    }
}
