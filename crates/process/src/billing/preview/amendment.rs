//! What an amendment would change, in money.

use std::collections::BTreeMap;

use strata_contract::strata::common::v1::Amendment;
use strata_contract::strata::master::v1::ContractPricing;
use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::{pb_money, require_date};
use strata_finance::amount::difference;
use strata_finance::billing::{LineKind, Outcome};
use strata_kernel::{Currency, Date, Error, Money, Result};

use super::{contract, input};
use crate::billing::work::Work;
use crate::billing::{Pricing, erp_document};
use crate::core::Core;

/// `run_date` None: today, or the day of signing when that is later.
pub(crate) async fn amendment(
    core: &Core,
    amendment: Amendment,
    period: &str,
    run_date: Option<Date>,
) -> Result<pb::PreviewAmendmentResponse> {
    let signed = require_date(amendment.signed_date.as_ref(), "amendment.signed_date")?;
    let run_date = run_date.unwrap_or_else(|| core.today().max(signed));
    if run_date < signed {
        return Err(Error::invalid(
            "run_date",
            format!("an amendment signed on {signed} is not known yet"),
        ));
    }
    let mut held = contract(core, &amendment.contract_number).await?;
    let without = Pricing::of(&held)?;
    check(&amendment, &held, without.terms.currency)?;
    held.amendments.push(amendment);
    let with = Pricing::of(&held)?;

    let input = input(&without.contract_id, period, run_date)?;
    let work = Work::read(core, &without, &input).await?;
    let before = work.bill(core, &without, &input).await?;
    let after = work.bill(core, &with, &input).await?;
    let nothing = Money::zero(without.terms.currency);
    let net = |outcome: &Outcome| outcome.document.map_or(nothing, |document| document.net);
    Ok(pb::PreviewAmendmentResponse {
        sources: sources(&without, &work, &before, &after)?,
        net_without: Some(pb_money(net(&before))),
        net_with: Some(pb_money(net(&after))),
        effect: Some(pb_money(difference(net(&after), net(&before))?)),
    })
}

fn check(amendment: &Amendment, held: &ContractPricing, currency: Currency) -> Result<()> {
    if held.amendments.iter().any(|other| other.number == amendment.number) {
        let text = format!("amendment {} is recorded, and counts already", amendment.number);
        return Err(Error::invalid("amendment.number", text));
    }
    let rates = amendment.rates.iter().map(|rate| rate.currency_code.as_str());
    let amounts = [&amendment.cap, &amendment.added_value].into_iter().flatten();
    let amounts = amounts.map(|amount| amount.currency_code.as_str());
    match rates.chain(amounts).find(|code| *code != currency.code()) {
        None => Ok(()),
        Some(code) => {
            let text = format!("the contract is in {currency}, and the amendment says {code}");
            Err(Error::invalid("amendment", text))
        }
    }
}

/// Sources that the two outcomes bill differently.
fn sources(pricing: &Pricing, work: &Work, before: &Outcome, after: &Outcome) -> Result<Vec<pb::AmendedSource>> {
    let names = work.names();
    let nothing = Money::zero(pricing.terms.currency);
    let (mut sums, mut billed) = (BTreeMap::new(), BTreeMap::new());
    for (at, outcome) in [before, after].into_iter().enumerate() {
        for line in &outcome.lines {
            let sum: &mut [Money; 2] = sums.entry(line.source_id.as_str()).or_insert([nothing, nothing]);
            sum[at] = sum[at].plus(line.amount)?;
            let credit = matches!(line.kind, LineKind::TimeCredit | LineKind::TimeRebill);
            let entry = billed
                .entry(line.source_id.as_str())
                .or_insert((erp_document::source(pricing, line), credit));
            entry.1 |= credit;
        }
    }
    let differing = sums.into_iter().filter(|(_, [without, with])| without != with);
    let source = |(id, [without, with]): (&str, [Money; 2])| {
        let (source, billed) = billed.get(id).cloned().unwrap_or_default();
        pb::AmendedSource {
            source,
            reference: names.get(id).map_or("", |(_, name)| name).to_owned(),
            billed,
            without: Some(pb_money(without)),
            with: Some(pb_money(with)),
        }
    };
    Ok(differing.map(source).collect())
}
