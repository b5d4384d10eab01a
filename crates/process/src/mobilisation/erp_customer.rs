//! The customer in the ERP.

use strata_contract::strata::system::erp::v1::PutCustomerRequest;
use strata_rpc::error;

use super::{Sold, legal_entity_id};
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::xrefs;

pub(super) async fn put(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let key = sold.customer_key();
    let request = PutCustomerRequest {
        key: key.clone(),
        name: sold.customer.name.clone(),
        legal_entity_id: legal_entity_id(core, &sold.terms().legal_entity_code).await?,
        currency_code: sold.customer.currency_code.clone(),
        country_code: sold.customer.country_code.clone(),
        payment_terms_days: sold.customer.payment_terms_days,
    };
    let answer = core
        .clients
        .erp
        .clone()
        .put_customer(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "customer", &sold.customer.name, Owner::Finance)?;
    let system = &core.systems().await?.erp;
    xrefs::put(core, system, xrefs::kind::CUSTOMER, [(key.clone(), id.clone())]).await?;
    Ok(Done::vendor(&id).with(HandOff::done("customer created", system, "customer", &key, &id).saying(sold.customer.name)))
}
