//! Invoices and journals: they add up, they balance, and they are what people's hours come to.

use std::collections::BTreeMap;

use strata_contract::strata::system::erp::v1::journal_line::Side;
use strata_contract::strata::system::erp::v1::{AccountKind, JournalLine};

use super::Seen;
use super::rows::{Rows, number, text};
use super::time::price;
use crate::vendor::books::TAX_PERCENT;

fn minor(line: &JournalLine) -> i64 {
    match &line.side {
        Some(Side::Debit(amount)) => amount.minor_units,
        Some(Side::Credit(amount)) => -amount.minor_units,
        None => 0,
    }
}

/// What the hours on each contract come to, in cents.
fn worked(seen: &Seen<'_>) -> BTreeMap<String, i64> {
    let mut sums: BTreeMap<String, i64> = seen.contracts.iter().map(|contract| (contract.clone(), 0)).collect();
    for last in seen.work.values().filter_map(|versions| versions.last()) {
        let contract = last.entry.project.replace("PR-", "CT-");
        *sums.entry(contract).or_default() += price(&last.entry);
    }
    sums
}

pub(super) fn judge(seen: &Seen<'_>, rows: &Rows) {
    let worked = worked(seen);
    documents(seen, rows, &worked);
    lines(seen, rows);
    journals(seen, rows, &worked);
}

fn documents(seen: &Seen<'_>, rows: &Rows, worked: &BTreeMap<String, i64>) {
    let (booked, standing) = seen
        .vendors
        .erp
        .books(|books| (books.documents.clone(), books.standing.clone()));
    let mut billed: BTreeMap<String, i64> = worked.keys().map(|contract| (contract.clone(), 0)).collect();
    for row in &rows.documents {
        let (key, net, tax, gross) = (text(row, 0), number(row, 5), number(row, 6), number(row, 7));
        let held: Vec<_> = booked.iter().filter(|document| document.key == key).collect();
        seen.must(held.len() == 1, || format!("{key} is in the books {} times", held.len()));
        let lines: i64 = rows
            .lines
            .iter()
            .filter(|line| text(line, 0) == key)
            .map(|line| number(line, 4))
            .sum();
        seen.must(lines == net, || format!("{key}: its lines come to {lines}, its net is {net}"));
        let rounded = (net * TAX_PERCENT).abs() + 50;
        let due = rounded / 100 * net.signum();
        seen.must(tax == due && gross == net + tax, || {
            format!("{key}: net {net} has tax {tax} and gross {gross}, its tax is {due}")
        });
        let Some(stands) = standing.get(text(row, 4)) else {
            seen.world
                .wrong(format!("{key} has the id {}, which the books do not know", text(row, 4)));
            continue;
        };
        let amounts = [&stands.net, &stands.tax, &stands.gross, &stands.open];
        let theirs = amounts.map(|amount| amount.as_ref().map_or(0, |amount| amount.minor_units));
        let ours = [net, tax, gross, number(row, 8)];
        seen.must(theirs == ours && stands.number == text(row, 3), || {
            format!(
                "{key}: the books say {} {theirs:?}, the platform {} {ours:?}",
                stands.number,
                text(row, 3)
            )
        });
        *billed.entry(text(row, 1).to_owned()).or_default() += net;
    }
    for document in &booked {
        let known = rows.documents.iter().any(|row| text(row, 0) == document.key);
        seen.must(known, || {
            format!("{} is in the books, and the platform does not know it", document.key)
        });
    }
    seen.must(&billed == worked, || format!("billed {billed:?}, worked {worked:?}"));
}

/// Every entry is billed at its last version, over all documents.
fn lines(seen: &Seen<'_>, rows: &Rows) {
    for versions in seen.work.values() {
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
            continue;
        };
        let source = format!("time:{}", first.id);
        let own = rows.lines.iter().filter(|line| text(line, 3) == source);
        let billed: i64 = own.map(|line| number(line, 4)).sum();
        let due = price(&last.entry);
        seen.must(billed == due, || format!("{source} is billed at {billed}, it comes to {due}"));
    }
}

fn journals(seen: &Seen<'_>, rows: &Rows, worked: &BTreeMap<String, i64>) {
    let journals = seen.vendors.erp.books(|books| books.journals.clone());
    let mut earned: BTreeMap<String, i64> = worked.keys().map(|contract| (contract.clone(), 0)).collect();
    let mut keys: Vec<&str> = Vec::new();
    for journal in &journals {
        seen.must(!keys.contains(&journal.key.as_str()), || {
            format!("{} is in the books twice", journal.key)
        });
        keys.push(&journal.key);
        let balance: i64 = journal.body.lines.iter().map(minor).sum();
        seen.must(balance == 0, || format!("{} does not balance: {balance}", journal.key));
        for line in &journal.body.lines {
            if line.account() == AccountKind::Revenue {
                *earned.entry(line.contract_number.clone()).or_default() -= minor(line);
            }
        }
    }
    seen.must(&earned == worked, || format!("earned {earned:?}, worked {worked:?}"));
    let mut said: BTreeMap<String, i64> = worked.keys().map(|contract| (contract.clone(), 0)).collect();
    for row in &rows.revenue {
        *said.entry(text(row, 0).to_owned()).or_default() += number(row, 1);
    }
    seen.must(said == earned, || {
        format!("the platform says {said:?} is earned, the books {earned:?}")
    });
    for row in rows.postings.iter().filter(|row| !text(row, 0).starts_with("time:")) {
        let key = text(row, 0);
        let found = seen.vendors.erp.books(|books| books.find(key));
        seen.must(found.as_ref().is_some_and(|(id, _)| id == text(row, 3)), || {
            format!("{key} has the id {}, the books say {found:?}", text(row, 3))
        });
    }
}
