//! A document as the ERP takes it. Until it is sent it carries our ids; the ERP's take their place then.

use std::collections::HashMap;

use strata_contract::strata::common::v1::{BillingTiming, TaxCategory};
use strata_contract::strata::master::v1::LegalEntity;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::{pb_date, pb_money};
use strata_finance::billing::{Document, DocumentKind, Line, LineKind, Outcome};
use strata_kernel::{Decimal, Error, Reason, Result, period_of};

use super::Pricing;
use super::schedule::InvoiceInput;
use crate::core::Core;
use crate::engine::{Problem, Stop};
use crate::exceptions::Owner;
use crate::masters;
use crate::mobilisation::customer_key;
use crate::xrefs;

/// The document with our ids. `projects` are our project ids by source. `tax_code_id` carries the category.
pub(super) fn body(
    pricing: &Pricing,
    outcome: &Outcome,
    projects: &HashMap<String, String>,
    document: &Document,
    fx_rate: Decimal,
    input: &InvoiceInput,
) -> Result<erp::Document> {
    let line = |line: &Line| {
        let source = source(pricing, line);
        let project_id = if line.project.is_empty() {
            pricing.lead_project_id.clone()
        } else {
            let found = projects.get(&source).cloned();
            found.ok_or_else(|| Error::internal(format!("{source} has no project")))?
        };
        Ok(erp::DocumentLine {
            kind: line_kind(line.kind).into(),
            description: description(line),
            net: Some(pb_money(line.amount)),
            project_id,
            source,
        })
    };
    let kind = match document.kind {
        DocumentKind::Invoice => erp::DocumentKind::Invoice,
        DocumentKind::CreditMemo => erp::DocumentKind::CreditMemo,
    };
    Ok(erp::Document {
        kind: kind.into(),
        customer_id: customer_key(&pricing.customer_id, &pricing.terms.entity),
        legal_entity_id: pricing.terms.entity.clone(),
        contract_number: pricing.terms.contract.clone(),
        period: period_of(input.month_end),
        issue_date: Some(pb_date(document.issue_date)),
        due_date: Some(pb_date(document.due_date)),
        currency_code: pricing.terms.currency.code().to_owned(),
        lines: outcome.lines.iter().map(line).collect::<Result<_>>()?,
        tax_code_id: pricing.tax_category.as_str_name().to_owned(),
        expected_tax: Some(pb_money(document.tax.tax)),
        fx_rate: fx_rate.normalize().to_string(),
        timing: BillingTiming::from(input.timing).into(),
    })
}

/// Source of a line, as the ledger of lines and the ERP know it.
pub(super) fn source(pricing: &Pricing, line: &Line) -> String {
    let contract = &pricing.terms.contract;
    match line.kind {
        LineKind::CapAdjustment => format!("cap:{contract}"),
        LineKind::Overage => format!("overage:{contract}:{}", line.source_id),
        LineKind::Fee => format!("fee:{contract}:{}", line.source_id),
        _ => line.source_id.clone(),
    }
}

/// Text for the customer: what, when, where.
fn description(line: &Line) -> String {
    let day = line.date.map(|day| format!("{day} ")).unwrap_or_default();
    match line.kind {
        LineKind::Time => format!("{day}{}: {} minutes", line.project, line.minutes),
        LineKind::TimeCredit => format!("{day}{}: credit of an earlier bill", line.project),
        LineKind::TimeRebill => format!("{day}{}: {} minutes, billed anew", line.project, line.minutes),
        LineKind::Expense => format!("{day}{}: expense", line.project),
        LineKind::CapAdjustment => "adjustment to the agreed cap".to_owned(),
        LineKind::Overage if line.amount.minor < 0 => format!("{}: credit of hours beyond the fee", line.source_id),
        LineKind::Overage => format!("{}: hours beyond the fee, {} minutes", line.source_id, line.minutes),
        LineKind::Milestone => format!("{day}{} accepted", line.source_id),
        LineKind::Fee => format!("{}: fee in advance", line.source_id),
    }
}

fn line_kind(kind: LineKind) -> erp::LineKind {
    match kind {
        LineKind::Time => erp::LineKind::Time,
        LineKind::TimeCredit => erp::LineKind::TimeCredit,
        LineKind::TimeRebill => erp::LineKind::TimeRebill,
        LineKind::CapAdjustment => erp::LineKind::CapAdjustment,
        LineKind::Expense => erp::LineKind::Expense,
        LineKind::Overage => erp::LineKind::Overage,
        LineKind::Milestone => erp::LineKind::Milestone,
        LineKind::Fee => erp::LineKind::Fee,
    }
}

/// Puts the ERP's ids in. What the ERP does not have stops the document, and somebody is told which.
pub(super) async fn addressed(core: &Core, ours: erp::Document) -> Result<erp::Document, Stop> {
    let system = &core.systems().await?.erp;
    let (customers, entities, projects) = tokio::try_join!(
        xrefs::find(core, system, xrefs::kind::CUSTOMER, [ours.customer_id.as_str()]),
        xrefs::find(core, system, xrefs::kind::LEGAL_ENTITY, [ours.legal_entity_id.as_str()]),
        xrefs::find(
            core,
            system,
            xrefs::kind::PROJECT,
            ours.lines.iter().map(|line| line.project_id.as_str())
        ),
    )?;
    let contract = ours.contract_number.clone();
    let missing = |reason: Reason, owner: Owner, what: &str, field: &str| {
        let text = format!("the ERP has no {what} for contract {contract} yet; the invoice is posted as soon as it has");
        Problem::new(reason, "contract", &contract, owner, text).at(field)
    };
    let reference = masters::reference(core).await?;
    let entity = reference
        .legal_entities
        .iter()
        .find(|entity| entity.code == ours.legal_entity_id);
    let tax_code_id = entity.and_then(|entity| tax_code(entity, &ours.tax_code_id)).ok_or_else(|| {
        let text = format!(
            "{} has no tax code for {} in the ERP; finance adds one",
            ours.legal_entity_id, ours.tax_code_id
        );
        Problem::new("UNKNOWN_REFERENCE", "contract", &contract, Owner::Finance, text).at("tax_code")
    })?;
    let customer_id = customers.get(&ours.customer_id).cloned();
    let customer_id = customer_id.ok_or_else(|| missing("CUSTOMER_NOT_LINKED", Owner::Finance, "customer", "customer_id"))?;
    let unknown = ours.lines.iter().map(|line| &line.project_id);
    let unknown = unknown.filter(|id| !id.is_empty() && !projects.contains_key(*id)).min();
    if let Some(id) = unknown {
        return Err(no_project(core, id).await?);
    }
    let line = |line: erp::DocumentLine| erp::DocumentLine {
        project_id: projects.get(&line.project_id).cloned().unwrap_or_default(),
        ..line
    };
    Ok(erp::Document {
        customer_id,
        legal_entity_id: entities
            .get(&ours.legal_entity_id)
            .cloned()
            .ok_or_else(|| missing("PROJECT_MISSING_ERP_STRUCTURE", Owner::Pmo, "legal entity", "legal_entity_id"))?,
        lines: ours.lines.into_iter().map(line).collect(),
        tax_code_id,
        ..ours
    })
}

/// The document waits for a project that the ERP does not have yet: whoever makes it there has told why it is missing.
async fn no_project(core: &Core, id: &str) -> Result<Stop> {
    let found = masters::projects(core, [id.to_owned()]).await?.remove(id);
    let code = found.map(|project| project.code).unwrap_or_default();
    let text = format!("the ERP has no project {code} yet; what is billed of it is posted as soon as it has");
    let missing = Error::precondition("PROJECT_MISSING_ERP_STRUCTURE", text);
    Ok(Stop::Later(missing.at("lines.project_id")))
}

fn tax_code(entity: &LegalEntity, category: &str) -> Option<String> {
    let category = TaxCategory::from_str_name(category)?;
    let code = entity.tax_codes.iter().find(|code| code.category() == category)?;
    Some(code.erp_id.clone())
}
