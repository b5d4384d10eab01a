//! What a posting is about, read from its body into columns: the books are added up and compared by them.

use prost::Message;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::strata::system::erp::v1::journal_line::Side;
use strata_contract::{money, require_date};
use strata_kernel::{Error, Result, period_of};

use super::posting;
use crate::store::rows::PostingRow;

/// The entry that a key of ours posts: "time:77:v2" and "time:77:v1:reversal" are of entry 77.
pub(crate) fn entry_of(key: &str) -> Option<&str> {
    let key = key.strip_suffix(":reversal").unwrap_or(key);
    let (entry, version) = key.strip_prefix("time:")?.rsplit_once(":v")?;
    version.parse::<u32>().is_ok().then_some(entry)
}

/// Whether a key has the form of one of ours: people do not make such keys, so a record that has one was posted by the platform, or
/// in its name.
pub(crate) fn is_ours(key: &str) -> bool {
    ["inv:", "rev:", "ic:"].iter().any(|form| key.starts_with(form)) || entry_of(key).is_some()
}

/// The row with the columns that its body leads to. The subject of time and the legal entity that employs its person are not in
/// the body: who knows them puts them in.
pub(crate) fn valued(row: PostingRow) -> Result<PostingRow> {
    match row.kind.as_str() {
        posting::TIME => time(row),
        posting::DOCUMENT => document(row),
        _ => journal(row),
    }
}

fn time(row: PostingRow) -> Result<PostingRow> {
    let body = erp::TimePosting::decode(row.body.as_slice()).map_err(Error::internal)?;
    let worked = require_date(body.work_date.as_ref(), "work_date")?;
    let posted = body.posting_date.as_ref();
    let posted = posted.map_or(Ok(worked), |day| require_date(Some(day), "posting_date"))?;
    let (currency_code, minor_units) = worth(&body)?;
    Ok(PostingRow {
        line: entry_of(&row.key).unwrap_or(&row.key).to_owned(),
        period: period_of(worked),
        posting_date: Some(posted),
        minutes: body.minutes.into(),
        currency_code,
        minor_units,
        ..row
    })
}

/// Sales value of time, or its cost when nobody is billed.
fn worth(body: &erp::TimePosting) -> Result<(String, i64)> {
    let amount = body.bill_amount.as_ref().or(body.cost_amount.as_ref());
    let amount = amount.map(money).transpose()?;
    Ok(amount.map_or_else(Default::default, |amount| (amount.currency.code().to_owned(), amount.minor)))
}

fn document(row: PostingRow) -> Result<PostingRow> {
    let body = erp::Document::decode(row.body.as_slice()).map_err(Error::internal)?;
    Ok(PostingRow {
        line: row.key.clone(),
        subject: body.contract_number,
        period: body.period,
        legal_entity_code: body.legal_entity_id,
        posting_date: Some(require_date(body.issue_date.as_ref(), "issue_date")?),
        minor_units: sum(body.lines.iter().filter_map(|line| line.net.as_ref()))?,
        currency_code: body.currency_code,
        ..row
    })
}

fn journal(row: PostingRow) -> Result<PostingRow> {
    let body = erp::Journal::decode(row.body.as_slice()).map_err(Error::internal)?;
    let debits = body.lines.iter().filter_map(|line| match &line.side {
        Some(Side::Debit(amount)) => Some(amount),
        _ => None,
    });
    Ok(PostingRow {
        line: row.key.clone(),
        subject: about(&row.key, &body),
        period: body.period.clone(),
        legal_entity_code: body.legal_entity_id.clone(),
        posting_date: Some(require_date(body.posting_date.as_ref(), "posting_date")?),
        currency_code: body.currency_code.clone(),
        minor_units: sum(debits)?,
        ..row
    })
}

/// The contract of revenue, or the companies of a charge: "ic:IN01:DE01:2025-03:delivering" is about IN01:DE01.
fn about(key: &str, body: &erp::Journal) -> String {
    let contract = body.lines.iter().map(|line| line.contract_number.as_str());
    if let Some(contract) = contract.clone().find(|number| !number.is_empty()) {
        return contract.to_owned();
    }
    let companies: Vec<&str> = key.strip_prefix("ic:").unwrap_or(key).split(':').take(2).collect();
    companies.join(":")
}

fn sum<'a>(amounts: impl Iterator<Item = &'a Money>) -> Result<i64> {
    let mut total: i64 = 0;
    for amount in amounts {
        let overflow = || Error::internal("the amounts of a posting are out of range");
        total = total.checked_add(amount.minor_units).ok_or_else(overflow)?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_name_their_entry() {
        assert_eq!(entry_of("time:77:v1"), Some("77"));
        assert_eq!(entry_of("time:77:v12:reversal"), Some("77"));
        for other in ["", "inv:CT-1:2025-01", "time:77", "time:77:vx", "TE-1"] {
            assert_eq!(entry_of(other), None, "{other}");
        }
        assert!(is_ours("inv:CT-1:2025-01") && is_ours("time:7:v1") && !is_ours("INV-7") && !is_ours(""));
    }

    fn usd(minor_units: i64) -> Option<Money> {
        Some(Money {
            currency_code: "USD".into(),
            minor_units,
        })
    }

    #[test]
    fn a_charge_is_about_two_companies_and_worth_its_debits() {
        let line = |side| erp::JournalLine {
            side: Some(side),
            ..erp::JournalLine::default()
        };
        let body = erp::Journal {
            period: "2025-03".into(),
            currency_code: "USD".into(),
            posting_date: Some(strata_contract::pb_date("2025-03-31".parse().unwrap())),
            lines: vec![
                line(Side::Debit(usd(500).unwrap())),
                line(Side::Credit(usd(700).unwrap())),
                line(Side::Debit(usd(200).unwrap())),
            ],
            ..erp::Journal::default()
        };
        let now = "2025-04-05T18:00:00Z".parse().unwrap();
        let key = "ic:IN01:DE01:2025-03:delivering";
        let row = valued(PostingRow::intended(posting::JOURNAL, key, "x", body.encode_to_vec(), now)).unwrap();
        assert_eq!(
            (row.subject.as_str(), row.minor_units, row.period.as_str()),
            ("IN01:DE01", 700, "2025-03")
        );
    }
}
