//! What a run would bill.

use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::{pb_date, pb_money};
use strata_finance::billing::Line;
use strata_kernel::{Date, Money, Result};

use super::{contract, input};
use crate::billing::work::Work;
use crate::billing::{Pricing, erp_document};
use crate::core::Core;

pub(crate) async fn invoice(core: &Core, number: &str, period: &str, run_date: Date) -> Result<pb::PreviewInvoiceResponse> {
    let pricing = Pricing::of(&contract(core, number).await?)?;
    let input = input(&pricing.contract_id, period, run_date)?;
    let work = Work::read(core, &pricing, &input).await?;
    let outcome = work.bill(core, &pricing, &input).await?;
    let names = work.names();
    let name = |source: &str| names.get(source).map_or("", |(_, name)| name).to_owned();
    let line = |line: &Line| pb::PreviewLine {
        kind: line.kind.as_str().to_owned(),
        source: erp_document::source(&pricing, line),
        reference: name(&line.source_id),
        date: line.date.map(pb_date),
        minutes: line.minutes,
        amount: Some(pb_money(line.amount)),
    };
    let nothing = Money::zero(pricing.terms.currency);
    let (net, tax, gross) = outcome.document.map_or((nothing, nothing, nothing), |document| {
        (document.net, document.tax.tax, document.gross)
    });
    Ok(pb::PreviewInvoiceResponse {
        lines: outcome.lines.iter().map(line).collect(),
        net: Some(pb_money(net)),
        tax: Some(pb_money(tax)),
        gross: Some(pb_money(gross)),
        billed_before: Some(pb_money(work.net_before)),
        over_cap: Some(pb_money(outcome.over_cap)),
        held: outcome
            .held
            .iter()
            .map(|held| pb::HeldSource {
                source: held.source_id.clone(),
                reference: name(&held.source_id),
                reason: held.error.reason.to_owned(),
                message: held.error.message.clone(),
            })
            .collect(),
    })
}
