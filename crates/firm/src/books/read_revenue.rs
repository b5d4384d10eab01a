//! Reading journals through the ERP's public API, and revenue and positions through the platform's contracts.

use std::collections::{BTreeSet, HashMap};

use futures::FutureExt;
use rust_decimal::Decimal;
use serde_json::Value;
use strata_contract::money;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::revenue::v1 as pb;

use super::evidence::{BookedJournal, PlatformPosition, PlatformRevenue};
use super::read::{PAGE, decimal, text};
use crate::data::Firm;
use crate::director::Stage;
use crate::people::Erp;
use crate::{Error, Result};

/// Every journal of a contract, by id.
pub(super) async fn journals(erp: &Erp) -> Result<Vec<BookedJournal>> {
    let entities = names(erp, "SELECT id, name FROM subsidiary ORDER BY id", "/name").await?;
    let accounts = names(erp, "SELECT id, acctnumber FROM account ORDER BY id", "/acctnumber").await?;
    let mut lines: HashMap<String, Vec<Value>> = HashMap::new();
    let query = "SELECT transaction, account, debitforeignamount, creditforeignamount, custcol_contract FROM transactionline \
                 WHERE type = 'Journal' ORDER BY transaction";
    for line in erp.query(query).await? {
        lines.entry(text(&line, "/transaction")).or_default().push(line);
    }
    let query = "SELECT id, tranid, subsidiary, trandate, currency, custbody_period FROM transaction \
                 WHERE type = 'Journal' ORDER BY id";
    let mut journals = Vec::new();
    for head in erp.query(query).await? {
        let lines = lines.remove(&text(&head, "/id")).unwrap_or_default();
        let journal = journal(&head, &lines, &entities, &accounts)?;
        // Those between companies belong to no contract, and are looked at elsewhere.
        if !journal.contract.is_empty() {
            journals.push(journal);
        }
    }
    Ok(journals)
}

fn journal(
    head: &Value,
    lines: &[Value],
    entities: &HashMap<String, String>,
    accounts: &HashMap<String, String>,
) -> Result<BookedJournal> {
    let contracts: BTreeSet<String> = lines.iter().map(|line| text(line, "/custcol_contract")).collect();
    let mut journal = BookedJournal {
        number: text(head, "/tranid"),
        contract: contracts.into_iter().collect::<Vec<_>>().join("+"),
        period: text(head, "/custbody_period"),
        legal_entity: entities.get(&text(head, "/subsidiary")).cloned().unwrap_or_default(),
        date: text(head, "/trandate"),
        currency: text(head, "/currency"),
        ..BookedJournal::default()
    };
    for line in lines {
        let account = accounts.get(&text(line, "/account")).cloned().unwrap_or_default();
        let amount = decimal(line.get("debitforeignamount"))? - decimal(line.get("creditforeignamount"))?;
        *journal.accounts.entry(account).or_default() += amount;
    }
    Ok(journal)
}

async fn names(erp: &Erp, query: &str, name: &str) -> Result<HashMap<String, String>> {
    let rows = erp.query(query).await?;
    Ok(rows.iter().map(|row| (text(row, "/id"), text(row, name))).collect())
}

/// Everything the platform recognised.
pub(super) async fn revenue(stage: &Stage) -> Result<Vec<PlatformRevenue>> {
    let mut client = stage.revenue.clone();
    let mut revenue = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListRevenueRequest {
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let answer = client.list_revenue(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListRevenue"))?.into_inner();
        for event in &answer.events {
            revenue.push(PlatformRevenue {
                contract: event.contract_number.clone(),
                period: event.period.clone(),
                expenses: event.kind() == pb::RevenueKind::ExpenseRevenue,
                amount: amount(event.amount.as_ref(), &event.key)?,
                on_its_way: event.state() == pb::RevenueState::Recognised,
            });
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(revenue);
        }
    }
}

/// Positions at the end of each month that something is expected of.
pub(super) async fn positions(firm: &Firm, stage: &Stage) -> Result<Vec<PlatformPosition>> {
    let months: BTreeSet<&str> = firm.expected.revenue.iter().map(|row| row.period.as_str()).collect();
    let mut client = stage.revenue.clone();
    let mut positions = Vec::new();
    for period in months {
        let mut page_token = String::new();
        loop {
            let request = pb::ListContractPositionsRequest {
                page_size: PAGE,
                page_token,
                period: period.to_owned(),
            };
            let answer = client.list_contract_positions(request).boxed().await;
            let answer = answer.map_err(Error::platform("ListContractPositions"))?.into_inner();
            for held in &answer.positions {
                positions.push(position(held)?);
            }
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
    Ok(positions)
}

fn position(held: &pb::ContractPosition) -> Result<PlatformPosition> {
    let amount = |value: Option<&Money>| amount(value, &held.contract_number);
    Ok(PlatformPosition {
        contract: held.contract_number.clone(),
        period: held.period.clone(),
        revenue: amount(held.cumulative_revenue.as_ref())?,
        billed: amount(held.cumulative_billed.as_ref())?,
        asset: amount(held.unbilled_receivable.as_ref())? + amount(held.contract_asset.as_ref())?,
        liability: amount(held.contract_liability.as_ref())?,
    })
}

fn amount(value: Option<&Money>, whose: &str) -> Result<Decimal> {
    let value = value.map(money).transpose();
    let value = value.map_err(|cause| Error::Setup(format!("revenue of {whose}: {cause}")))?;
    Ok(value.map(strata_kernel::Money::major).unwrap_or_default())
}
