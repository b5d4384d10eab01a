//! Time that was credited and billed anew.

use std::collections::HashMap;

use strata_contract::pb_money;
use strata_contract::strata::process::billing::v1::{Adjustment, ListAdjustmentsRequest, ListAdjustmentsResponse};
use strata_kernel::{Currency, Error, Money, Result};
use strata_rpc::page::Page;
use strata_store::{Conn, both};

use crate::core::Core;
use crate::store::rows::{DocumentLineRow, DocumentRow};
use crate::store::{lite, pg};

/// Kind of a line that takes earlier billed time back. The other kind of an adjustment bills it anew.
const CREDIT: &str = "time_credit";

/// Adjustments by document and source.
pub(crate) async fn adjustments(core: &Core, asked: ListAdjustmentsRequest) -> Result<ListAdjustmentsResponse> {
    let entities = super::entities(asked.legal_entity_codes);
    let page = Page::ask(
        asked.page_size,
        &asked.page_token,
        &format!("{}|{}", asked.contract_number, entities.join(",")),
    )?;
    let (after, limit, contract) = (page.after().to_owned(), page.limit(), asked.contract_number);
    let (mut keys, held) = core
        .db
        .read(move |c| {
            let (document, source) = after.split_once('|').unwrap_or_default();
            let keys = both!(c, documents::adjusted(&contract, &entities, document, source, limit))?;
            let held = Held::read(c, &keys)?;
            Ok((keys, held))
        })
        .await?;
    let next_page_token = page.cut(&mut keys, |(document, source)| format!("{document}|{source}"));
    let adjustments = keys.iter().map(|(document, source)| held.adjustment(document, source));
    Ok(ListAdjustmentsResponse {
        adjustments: adjustments.collect::<Result<_>>()?,
        next_page_token,
    })
}

/// What the rows of a page are made of.
struct Held {
    documents: HashMap<String, DocumentRow>,
    lines: Vec<DocumentLineRow>,
    /// What people call each entry.
    references: HashMap<String, String>,
}

impl Held {
    fn read(conn: &mut Conn<'_>, keys: &[(String, String)]) -> Result<Self> {
        let mut documents: Vec<String> = keys.iter().map(|(document, _)| document.clone()).collect();
        documents.dedup();
        let sources: Vec<String> = keys.iter().map(|(_, source)| source.clone()).collect();
        let entries: Vec<String> = sources.iter().map(|source| entry_of(source).to_owned()).collect();
        let mut held = Self {
            documents: HashMap::new(),
            lines: Vec::new(),
            references: HashMap::new(),
        };
        for chunk in documents.chunks(500) {
            let rows = both!(conn, documents::with_keys(chunk))?;
            held.documents.extend(rows.into_iter().map(|row| (row.key.clone(), row)));
        }
        for chunk in sources.chunks(500) {
            held.lines.extend(both!(conn, documents::adjusting_lines(chunk))?);
        }
        for chunk in entries.chunks(500) {
            let rows = both!(conn, work::entries(chunk))?;
            held.references.extend(rows.into_iter().map(|row| (row.id, row.reference)));
        }
        Ok(held)
    }

    fn adjustment(&self, key: &str, source: &str) -> Result<Adjustment> {
        let document = self.documents.get(key);
        let document = document.ok_or_else(|| Error::internal(format!("lines of {key} without their document")))?;
        let currency = Currency::parse(&document.currency_code)?;
        let (mut credit, mut rebill) = (Money::zero(currency), Money::zero(currency));
        for line in self
            .lines
            .iter()
            .filter(|line| line.document_key == key && line.source == source)
        {
            let sum = if line.kind == CREDIT { &mut credit } else { &mut rebill };
            *sum = sum.plus(Money::new(line.minor_units, currency))?;
        }
        let psa_id = entry_of(source).to_owned();
        Ok(Adjustment {
            time_entry: self.references.get(&psa_id).cloned().unwrap_or_default(),
            psa_id,
            contract_number: document.contract_number.clone(),
            period: document.period.clone(),
            document_key: key.to_owned(),
            credit: Some(pb_money(credit)),
            rebill: Some(pb_money(rebill)),
            customer_id: document.customer_id.clone(),
            legal_entity_code: document.legal_entity_code.clone(),
        })
    }
}

/// The entry that a source of time names.
fn entry_of(source: &str) -> &str {
    source.strip_prefix("time:").unwrap_or(source)
}
