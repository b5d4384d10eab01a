//! The customer in the PSA.

use strata_contract::strata::system::psa::v1::PutClientRequest;
use strata_rpc::error;

use super::Sold;
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::xrefs;

pub(super) async fn put(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let request = PutClientRequest {
        key: sold.customer.id.clone(),
        name: sold.customer.name.clone(),
    };
    let answer = core
        .clients
        .psa
        .clone()
        .put_client(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "customer", &sold.customer.name, Owner::Pmo)?;
    let system = &core.systems().await?.psa;
    xrefs::put(core, system, xrefs::kind::CUSTOMER, [(sold.customer.id.clone(), id.clone())]).await?;
    let told = HandOff::done("client created", system, "customer", &sold.customer.id, &id).saying(sold.customer.name);
    Ok(Done::vendor(&id).with(told))
}
