//! Journals: upserts by our key, on accounts that are found by their number.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use strata_contract::strata::system::erp::v1::journal_line::Side;
use strata_contract::strata::system::erp::v1::{AccountKind, Journal, JournalLine, PostJournalRequest, PostJournalResponse};
use strata_contract::{require_date, require_money};
use strata_kernel::{Currency, Error, Result, parse_decimal};
use strata_port::outcome;
use strata_vendor_http::{Reader, number, unavailable};

use crate::client::Client;
use crate::fields::{ACCOUNTS, CONTRACT, ORIGINAL_PERIOD, PERIOD, PROJECT};
use crate::lookup::Table;
use crate::masters;
use crate::suiteql;
use crate::wire::{flag, must};

/// Ids of accounts by number, once they were found. An account keeps its id for ever.
#[derive(Default)]
pub(crate) struct Accounts(Mutex<HashMap<String, String>>);

/// Posts a journal. An account that is not in the chart is a refusal: finance adds it, and the journal is sent again.
pub(crate) async fn post(client: &Client, accounts: &Accounts, request: &PostJournalRequest) -> Result<PostJournalResponse> {
    let journal = request
        .journal
        .as_ref()
        .ok_or_else(|| Error::invalid("journal", "is required"))?;
    let numbers = journal
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| account_number(line.account(), at))
        .collect::<Result<Vec<&str>>>()?;
    let ids = accounts.find(client, &numbers).await?;
    if let Some(missing) = numbers.iter().find(|number| !ids.contains_key(**number)) {
        let text = format!("the chart of accounts has no active account {missing}; finance adds it");
        let outcome = outcome::rejected(&request.key, "UNKNOWN_REFERENCE", text);
        return Ok(PostJournalResponse { outcome: Some(outcome) });
    }
    let body = record(journal, &numbers, &ids)?;
    let outcome = masters::put(client, Table::JournalEntry, &request.key, &body).await?;
    Ok(PostJournalResponse { outcome: Some(outcome) })
}

impl Accounts {
    /// Ids by number. What the chart does not have is left out.
    async fn find(&self, client: &Client, numbers: &[&str]) -> Result<HashMap<String, String>> {
        let known = self.known();
        let unknown: BTreeSet<&str> = numbers
            .iter()
            .copied()
            .filter(|number| !known.contains_key(*number))
            .collect();
        if unknown.is_empty() {
            return Ok(known);
        }
        let sql = format!(
            "SELECT id, acctnumber, isinactive FROM account WHERE acctnumber IN {} ORDER BY id",
            suiteql::list(unknown)
        );
        let rows = client.query_all(&sql).await?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows.iter().map(Reader) {
            let broken = |misfit| unavailable(format!("chart of accounts: {misfit}"));
            if flag(row, "isinactive").map_err(broken)? != Some(true) {
                let number = must(row, "acctnumber").map_err(broken)?;
                held.insert(number, must(row, "id").map_err(broken)?);
            }
        }
        Ok(held.clone())
    }

    fn known(&self) -> HashMap<String, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn account_number(kind: AccountKind, at: usize) -> Result<&'static str> {
    let held = ACCOUNTS.iter().find(|(known, _)| *known == kind);
    let held = held.ok_or_else(|| Error::invalid(format!("journal.lines[{at}].account"), "is required"))?;
    Ok(held.1)
}

/// The record of a journal. `numbers` are the account numbers of its lines, `ids` the accounts' ids by number.
fn record(journal: &Journal, numbers: &[&str], ids: &HashMap<String, String>) -> Result<Value> {
    let currency = Currency::parse(&journal.currency_code).map_err(|e| Error::from(e).at("journal.currency_code"))?;
    let rate = parse_decimal(&journal.fx_rate).map_err(|e| e.at("journal.fx_rate"))?;
    let lines = journal.lines.iter().zip(numbers).enumerate();
    let lines = lines.map(|(at, (line, number))| item(line, ids.get(*number), at));
    let mut body = json!({
        "subsidiary": {"id": journal.legal_entity_id},
        "tranDate": require_date(journal.posting_date.as_ref(), "journal.posting_date")?.to_string(),
        "currency": {"refName": currency.code()},
        "exchangeRate": number(rate),
        "memo": journal.memo,
        "approved": true,
        PERIOD: journal.period,
        "line": {"items": lines.collect::<Result<Vec<Value>>>()?},
    });
    if !journal.original_period.is_empty() {
        body[ORIGINAL_PERIOD] = Value::from(journal.original_period.as_str());
    }
    Ok(body)
}

fn item(line: &JournalLine, account: Option<&String>, at: usize) -> Result<Value> {
    let field = format!("journal.lines[{at}]");
    let (side, amount) = match &line.side {
        Some(Side::Debit(amount)) => ("debit", amount),
        Some(Side::Credit(amount)) => ("credit", amount),
        None => return Err(Error::invalid(field, "has neither debit nor credit")),
    };
    let mut item = json!({
        "account": {"id": account},
        side: number(require_money(Some(amount), &field)?.major()),
        "memo": line.memo,
    });
    if !line.contract_number.is_empty() {
        item[CONTRACT] = Value::from(line.contract_number.as_str());
    }
    if !line.project_code.is_empty() {
        item[PROJECT] = Value::from(line.project_code.as_str());
    }
    Ok(item)
}
