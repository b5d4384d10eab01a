//! What is posted and paid, back to the project in the PSA and the account in the CRM.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use strata_contract::pb_date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::master::v1::Engagement;
use strata_contract::strata::system::{crm, psa};
use strata_events::{Consumer, Event, Taken};
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;

use super::apply::{DOCUMENT_CHANGED_NAME, word};
use crate::core::Core;
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind, unknown, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::masters;
use crate::store::rows::{DocumentLineRow, DocumentRow};
use crate::store::{lite, pg};
use crate::xrefs;

/// What the event says, as far as it is read here.
#[derive(Deserialize)]
struct Changed {
    key: String,
}

/// Starts a run for each change of a document.
pub(crate) struct StatusRuns(pub(crate) Core);

#[async_trait]
impl Consumer for StatusRuns {
    fn name(&self) -> &'static str {
        "invoice-status"
    }

    fn takes(&self) -> &'static [Taken] {
        &[Taken {
            name: DOCUMENT_CHANGED_NAME,
            versions: &[1],
        }]
    }

    /// The run of an event is made once, and its steps send what holds now.
    fn is_idempotent(&self) -> bool {
        true
    }

    async fn handle(&self, event: &Event) -> Result<()> {
        let Changed { key } = event.data()?;
        let (name, event_id, now) = (self.name(), event.id.clone(), self.0.now());
        self.0
            .db
            .write(move |c| {
                if !strata_events::first_time(c, name, &event_id, now)? {
                    return Ok(());
                }
                let Some(document) = both!(c, documents::get(&key))? else {
                    return Ok(());
                };
                let run = NewRun {
                    kind: kind::INVOICE_STATUS,
                    subject: event_id.clone(),
                    ordering_key: format!("invoice-status:{key}"),
                    engagement_id: document.engagement_id,
                    input: serde_json::json!({ "key": key }).to_string(),
                    steps: vec![NewStep::new("psa-invoice"), NewStep::new("crm-status")],
                };
                engine::insert(c, &run, now).map(|_| ())
            })
            .await
    }
}

/// Each step sends what holds now, so runs that overtake each other do no harm.
pub(crate) async fn status_step(job: &Job<'_>) -> Result<Done, Stop> {
    let input: Value = serde_json::from_str(&job.run.input).map_err(Error::internal)?;
    let key = input["key"].as_str().unwrap_or_default().to_owned();
    let found = job
        .core
        .db
        .read(move |c| Ok((both!(c, documents::get(&key))?, both!(c, documents::lines(&key))?)))
        .await?;
    let (document, lines) = match found {
        (Some(document), lines) => (document, lines),
        (None, _) => return Err(Error::internal("a document vanished").into()),
    };
    if document.state == "VOIDED" {
        let text = format!(
            "{} was voided in the ERP by hand; decide what becomes of its time",
            document.number
        );
        return Err(Problem::new("VENDOR_REJECTED", "document", &document.key, Owner::Finance, text).into());
    }
    let sold = masters::engagement(job.core, &document.engagement_id).await?;
    match job.step.name.as_str() {
        "psa-invoice" => psa_invoice(job, &document, &lines, &sold).await,
        "crm-status" => crm_status(job, &document, &sold).await,
        _ => Err(unknown(job.run, job.step)),
    }
}

async fn psa_invoice(job: &Job<'_>, document: &DocumentRow, lines: &[DocumentLineRow], sold: &Engagement) -> Result<Done, Stop> {
    let core = job.core;
    let system = &core.systems().await?.psa;
    let found = xrefs::find(
        core,
        system,
        xrefs::kind::PROJECT,
        sold.projects.iter().map(|project| project.id.as_str()),
    )
    .await?;
    let project_ids: Vec<String> = sold
        .projects
        .iter()
        .filter_map(|project| found.get(&project.id).cloned())
        .collect();
    // Only what is billed for the first time: the PSA marks a time entry as invoiced once.
    let ids = |kind: &str, prefix: &str| -> Vec<String> {
        let own = lines.iter().filter(|line| line.kind == kind);
        own.filter_map(|line| line.source.strip_prefix(prefix))
            .map(str::to_owned)
            .collect()
    };
    let request = psa::v1::PutInvoiceRequest {
        key: document.key.clone(),
        number: document.number.clone(),
        project_ids,
        time_entry_ids: ids("time", "time:"),
        expense_ids: ids("expense", "expense:"),
        issue_date: Some(pb_date(document.issue_date)),
        due_date: Some(pb_date(document.due_date)),
        gross: Some(amount(document, document.gross)),
        open: Some(amount(document, document.open)),
        paid: document.open == 0,
    };
    let answer = core
        .clients
        .psa
        .clone()
        .put_invoice(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "document", &document.key, Owner::Pmo)?;
    Ok(Done::vendor(&id).with(told(document, system, &id)))
}

async fn crm_status(job: &Job<'_>, document: &DocumentRow, sold: &Engagement) -> Result<Done, Stop> {
    let core = job.core;
    let system = &core.systems().await?.crm;
    let status = crm::v1::InvoiceStatus {
        key: document.key.clone(),
        account_id: sold
            .customer
            .as_ref()
            .map(|customer| customer.crm_account_id.clone())
            .unwrap_or_default(),
        opportunity_id: sold.crm_opportunity_id.clone(),
        number: document.number.clone(),
        status: if document.credit_memo && document.open == 0 {
            "credited"
        } else {
            word(&document.state)
        }
        .to_owned(),
        issue_date: Some(pb_date(document.issue_date)),
        due_date: Some(pb_date(document.due_date)),
        gross: Some(amount(document, document.gross)),
        open: Some(amount(document, document.open)),
    };
    let request = crm::v1::PutInvoiceStatusRequest { status: Some(status) };
    let answer = core
        .clients
        .crm
        .clone()
        .put_invoice_status(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "document", &document.key, Owner::Sales)?;
    Ok(Done::vendor(&id).with(told(document, system, &id)))
}

fn amount(document: &DocumentRow, minor_units: i64) -> Money {
    Money {
        currency_code: document.currency_code.clone(),
        minor_units,
    }
}

fn told(document: &DocumentRow, system: &str, vendor_id: &str) -> HandOff {
    HandOff {
        key: format!("status:{system}:{}:{}:{}", document.key, document.state, document.open),
        event: "invoice status shown",
        system: system.to_owned(),
        kind: "document",
        vendor_id: vendor_id.to_owned(),
        state: word(&document.state),
        detail: format!("{} {}", document.number, document.period),
    }
}
