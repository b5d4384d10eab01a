//! What a contract is billed by one document: stored as a document that is released, and as an intended posting, in
//! one transaction.

use std::collections::HashMap;

use prost::Message;
use strata_finance::billing::{Document, DocumentKind, Line, Outcome, bill_advance};
use strata_kernel::{Error, Instant, Result, period_of};
use strata_store::both;

use super::consider::Verdict;
use super::schedule::{InvoiceInput, Timing};
use super::work::Work;
use super::{Pricing, cap, erp_document, exchange, ledger, posting, read_pricing};
use crate::engine::{Done, Job, NewStep, Stop};
use crate::hand_offs::{HandOff, PLATFORM};
use crate::positions;
use crate::store::rows::{DocumentLineRow, DocumentRow, PostingRow, RunRow};
use crate::store::{lite, pg};

pub(super) async fn compute(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, run) = (job.core, job.run.clone());
    let input: InvoiceInput = serde_json::from_str(&run.input).map_err(Error::internal)?;
    let contract_id = input.contract_id.clone();
    let pricing = read_pricing(core, vec![contract_id.clone()]).await?.remove(&contract_id);
    let pricing = pricing.ok_or_else(|| Error::not_found("contract", &contract_id))?;
    let (outcome, projects, verdict, warned) = match input.timing {
        Timing::Advance => {
            let outcome = bill_advance(&pricing.terms, pricing.fee, input.run_date)?;
            (outcome, HashMap::new(), Verdict::default(), Vec::new())
        }
        Timing::Arrears => {
            let before = run.clone();
            if core.db.read(move |c| both!(c, runs::later_done(&before, "compute"))).await? {
                return Ok(Done::note("a later month was billed first, and took everything along"));
            }
            let work = Work::read(core, &pricing, &input).await?;
            let outcome = work.bill(core, &pricing, &input).await?;
            let verdict = Verdict::of(&outcome, &work, &pricing.terms.contract);
            let percent = core.settings.cap_warning_percent;
            let warned = cap::told(&pricing, &work.billed_before, &outcome, input.run_date, percent)?;
            (outcome, work.projects(), verdict, warned)
        }
    };
    let (now, run_date) = (core.now(), input.run_date);
    let Some(document) = outcome.document else {
        let mut done = Done::note("nothing to bill").also(move |c| verdict.store(c, &run, run_date, now));
        done.hand_offs = warned;
        return Ok(done);
    };
    let key = document_key(&run);
    let fx_rate = exchange::functional_rate(core, &pricing, run_date).await?;
    let body = erp_document::body(&pricing, &outcome, &projects, &document, fx_rate, &input)?;
    let row = row(&key, job, &pricing, &input, &document, outcome.lines.len())?;
    let lines = lines(&key, &pricing, &outcome);
    let told = HandOff::done("invoice released", PLATFORM, "document", &key, &key)
        .saying(format!("{} {} {} gross", row.period, row.currency_code, document.gross));
    let posting = posting_row(&row, body.encode_to_vec(), now);
    let mut done = Done::note(&key).with(told).also(move |c| {
        if both!(c, documents::insert(&row))? == 0 {
            return Err(Error::internal(format!(
                "document {} exists, and its run computes again",
                row.key
            )));
        }
        both!(c, documents::add_lines(&lines))?;
        positions::touch(c, positions::kind::DOCUMENT, std::slice::from_ref(&row.key), now)?;
        ledger::intend(c, std::slice::from_ref(&posting))?;
        verdict.store(c, &run, run_date, now)
    });
    done.hand_offs.extend(warned);
    done.steps.push(NewStep::new("post"));
    Ok(done)
}

/// Key of the document of a run, at every vendor.
pub(super) fn document_key(run: &RunRow) -> String {
    format!("inv:{}", run.subject)
}

fn row(
    key: &str,
    job: &Job<'_>,
    pricing: &Pricing,
    input: &InvoiceInput,
    document: &Document,
    line_count: usize,
) -> Result<DocumentRow> {
    Ok(DocumentRow {
        key: key.to_owned(),
        engagement_id: pricing.engagement_id.clone(),
        contract_id: pricing.contract_id.clone(),
        contract_number: pricing.terms.contract.clone(),
        period: period_of(input.month_end),
        credit_memo: document.kind == DocumentKind::CreditMemo,
        state: "RELEASED".to_owned(),
        number: String::new(),
        erp_id: String::new(),
        issue_date: document.issue_date,
        due_date: document.due_date,
        currency_code: pricing.terms.currency.code().to_owned(),
        net: document.net.minor,
        tax: document.tax.tax.minor,
        gross: document.gross.minor,
        open: document.gross.minor,
        line_count: i32::try_from(line_count).map_err(Error::internal)?,
        correlation_id: job.run.correlation_id.clone(),
        timing: input.timing.as_str().to_owned(),
        customer_id: pricing.customer_id.clone(),
        legal_entity_code: pricing.terms.entity.clone(),
    })
}

fn lines(key: &str, pricing: &Pricing, outcome: &Outcome) -> Vec<DocumentLineRow> {
    let line = |(line_no, line): (i32, &Line)| DocumentLineRow {
        document_key: key.to_owned(),
        line_no,
        contract_id: pricing.contract_id.clone(),
        kind: line.kind.as_str().to_owned(),
        source: erp_document::source(pricing, line),
        minor_units: line.amount.minor,
    };
    (1..).zip(&outcome.lines).map(line).collect()
}

fn posting_row(document: &DocumentRow, body: Vec<u8>, now: Instant) -> PostingRow {
    let name = format!("{} {}", document.contract_number, document.period);
    PostingRow {
        engagement_id: document.engagement_id.clone(),
        correlation_id: document.correlation_id.clone(),
        ..PostingRow::intended(posting::DOCUMENT, &document.key, &name, body, now)
    }
}
