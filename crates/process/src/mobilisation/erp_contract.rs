//! The contract in the ERP.

use strata_contract::strata::system::erp::v1::PutContractRequest;
use strata_rpc::error;

use super::{Sold, legal_entity_id};
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::xrefs;

pub(super) async fn put(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let terms = sold.terms();
    let request = PutContractRequest {
        key: sold.contract.id.clone(),
        contract_number: terms.contract_number.clone(),
        customer_id: job.vendor_id("erp-customer").await?,
        legal_entity_id: legal_entity_id(core, &terms.legal_entity_code).await?,
        currency_code: terms.currency_code.clone(),
        start_date: terms.start_date,
        end_date: terms.end_date,
        total: sold
            .whole
            .sold_value
            .clone()
            .filter(|value| value.currency_code == terms.currency_code),
    };
    let answer = core
        .clients
        .erp
        .clone()
        .put_contract(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "contract", &terms.contract_number, Owner::Finance)?;
    let system = &core.systems().await?.erp;
    xrefs::put(core, system, xrefs::kind::CONTRACT, [(sold.contract.id.clone(), id.clone())]).await?;
    let told = HandOff::done("contract created", system, "contract", &sold.contract.id, &id).saying(terms.contract_number);
    Ok(Done::vendor(&id).with(told))
}
