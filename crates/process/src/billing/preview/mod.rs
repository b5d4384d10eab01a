//! What something would cost or bill. Nothing is stored, and nothing is sent.

mod amendment;
mod invoice;
mod price;

pub(crate) use amendment::amendment;
pub(crate) use invoice::invoice;
pub(crate) use price::price;

use strata_contract::strata::master::v1::ContractPricing;
use strata_kernel::{Date, Error, Result, month_of};

use super::pricing::read_held;
use super::schedule::{InvoiceInput, Timing};
use crate::core::Core;
use crate::masters;

/// The contract with a number, and what prices it. `NOT_FOUND` when there is none.
async fn contract(core: &Core, number: &str) -> Result<ContractPricing> {
    let contract = masters::contract_with(core, number).await?;
    let held = read_held(core, vec![contract.id]).await?.pop();
    held.ok_or_else(|| Error::not_found("contract", number))
}

/// The run in arrears that would bill a period ("2025-03") on a day.
fn input(contract_id: &str, period: &str, run_date: Date) -> Result<InvoiceInput> {
    let first: Date = format!("{period}-01")
        .parse()
        .map_err(|_| Error::invalid("period", format!("\"{period}\" is no month")))?;
    Ok(InvoiceInput {
        contract_id: contract_id.to_owned(),
        run_date,
        month_end: month_of(first).1,
        timing: Timing::Arrears,
    })
}
