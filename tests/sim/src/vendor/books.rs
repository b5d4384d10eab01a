//! The books: what finance would find in the ERP.

use std::collections::{BTreeMap, BTreeSet};

use strata_contract::google::r#type::Date as PbDate;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::erp::v1 as pb;

/// Tax in the firm's country, in percent.
pub(crate) const TAX_PERCENT: i64 = 19;

/// Something to post.
#[derive(Debug, Clone)]
pub(crate) enum Posting {
    /// Approved time.
    Time(pb::TimePosting),
    /// An invoice or credit memo, under a key.
    Document(String, pb::Document),
    /// A journal, under a key.
    Journal(String, pb::Journal),
}

/// A record with what it was made of.
#[derive(Debug, Clone)]
pub(crate) struct Record<T> {
    /// Its id.
    pub(crate) id: String,
    /// Key that the platform gave it.
    pub(crate) key: String,
    /// What was sent.
    pub(crate) body: T,
}

/// Everything that is posted. Keys are unique, or are not: that is the vendor's own affair.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Keys are unique: what comes again is what is there.
    pub(crate) unique_keys: bool,
    /// Time.
    pub(crate) time: Vec<Record<pb::TimePosting>>,
    /// Invoices and credit memos.
    pub(crate) documents: Vec<Record<pb::Document>>,
    /// How each document stands, by id.
    pub(crate) standing: BTreeMap<String, pb::PostedDocument>,
    /// Journals.
    pub(crate) journals: Vec<Record<pb::Journal>>,
    /// Months that are closed, "2025-01".
    pub(crate) closed: BTreeSet<String>,
    /// The last number that was given to a record.
    pub(crate) last: u32,
}

impl Posting {
    /// Key that the platform gave it.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Time(time) => &time.key,
            Self::Document(key, _) | Self::Journal(key, _) => key,
        }
    }

    /// Month in which it would be posted.
    pub(crate) fn month(&self) -> String {
        let day = match self {
            Self::Time(time) => time.posting_date.as_ref().or(time.work_date.as_ref()),
            Self::Document(_, document) => document.issue_date.as_ref(),
            Self::Journal(_, journal) => journal.posting_date.as_ref(),
        };
        day.map(month).unwrap_or_default()
    }
}

fn month(day: &PbDate) -> String {
    format!("{:04}-{:02}", day.year, day.month)
}

fn debit(line: &pb::JournalLine) -> i64 {
    match &line.side {
        Some(pb::journal_line::Side::Debit(amount)) => amount.minor_units,
        _ => 0,
    }
}

impl Books {
    /// Id and number of what is posted under a key.
    pub(crate) fn find(&self, key: &str) -> Option<(String, String)> {
        let time = self.time.iter().find(|row| row.key == key).map(|row| row.id.clone());
        let journal = || self.journals.iter().find(|row| row.key == key).map(|row| row.id.clone());
        let document = || self.documents.iter().find(|row| row.key == key).map(|row| row.id.clone());
        let id = time.or_else(journal).or_else(document)?;
        let number = self.standing.get(&id).map(|document| document.number.clone());
        Some((id, number.unwrap_or_default()))
    }

    /// Everything that is posted, as the ERP shows it, by id.
    pub(crate) fn shown(&self) -> Vec<pb::BookedPosting> {
        let time = self.time.iter().map(|row| pb::BookedPosting {
            kind: pb::RecordKind::TimePosting.into(),
            id: row.id.clone(),
            key: row.key.clone(),
            posting_date: row.body.posting_date.or(row.body.work_date),
            minutes: row.body.minutes,
            amount: row.body.bill_amount.clone(),
            cost_amount: row.body.cost_amount.clone(),
            ..pb::BookedPosting::default()
        });
        let documents = self.documents.iter().map(|row| pb::BookedPosting {
            kind: match row.body.kind() {
                pb::DocumentKind::CreditMemo => pb::RecordKind::CreditMemo,
                _ => pb::RecordKind::Invoice,
            }
            .into(),
            id: row.id.clone(),
            key: row.key.clone(),
            number: self.standing.get(&row.id).map(|held| held.number.clone()).unwrap_or_default(),
            posting_date: row.body.issue_date,
            legal_entity_id: row.body.legal_entity_id.clone(),
            period: row.body.period.clone(),
            contract_number: row.body.contract_number.clone(),
            amount: self.standing.get(&row.id).and_then(|held| held.net.clone()),
            ..pb::BookedPosting::default()
        });
        let journals = self.journals.iter().map(|row| pb::BookedPosting {
            kind: pb::RecordKind::Journal.into(),
            id: row.id.clone(),
            key: row.key.clone(),
            posting_date: row.body.posting_date,
            legal_entity_id: row.body.legal_entity_id.clone(),
            period: row.body.period.clone(),
            contract_number: row
                .body
                .lines
                .first()
                .map(|line| line.contract_number.clone())
                .unwrap_or_default(),
            amount: Some(Money {
                currency_code: row.body.currency_code.clone(),
                minor_units: row.body.lines.iter().map(debit).sum(),
            }),
            ..pb::BookedPosting::default()
        });
        let mut all: Vec<_> = time.chain(documents).chain(journals).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// Posts something, and says its id. None: its month is closed.
    pub(crate) fn book(&mut self, posting: &Posting) -> Option<String> {
        if let Some((id, _)) = self.find(posting.key()).filter(|_| self.unique_keys) {
            return Some(id);
        }
        if self.closed.contains(&posting.month()) {
            return None;
        }
        self.last += 1;
        let id = format!("b{:06}", self.last);
        let key = posting.key().to_owned();
        match posting.clone() {
            Posting::Time(body) => self.time.push(Record {
                id: id.clone(),
                key,
                body,
            }),
            Posting::Journal(_, body) => self.journals.push(Record {
                id: id.clone(),
                key,
                body,
            }),
            Posting::Document(_, body) => {
                let standing = self.standing(&id, &key, &body);
                self.standing.insert(id.clone(), standing);
                self.documents.push(Record {
                    id: id.clone(),
                    key,
                    body,
                });
            }
        }
        Some(id)
    }

    /// A document as it stands on the day it is posted: the ERP adds up and taxes by itself.
    fn standing(&self, id: &str, key: &str, body: &pb::Document) -> pb::PostedDocument {
        let lines = body.lines.iter().filter_map(|line| line.net.as_ref());
        let net: i64 = lines.map(|net| net.minor_units).sum();
        let hundredths = net * TAX_PERCENT;
        let tax = (hundredths.abs() + 50) / 100 * hundredths.signum();
        let money = |minor_units: i64| {
            Some(Money {
                currency_code: body.currency_code.clone(),
                minor_units,
            })
        };
        pb::PostedDocument {
            id: id.to_owned(),
            key: key.to_owned(),
            number: format!("INV-{:05}", self.last),
            kind: body.kind,
            state: pb::DocumentState::Posted.into(),
            net: money(net),
            tax: money(tax),
            gross: money(net + tax),
            open: money(net + tax),
            modified_time: None,
            issue_date: body.issue_date,
        }
    }
}
