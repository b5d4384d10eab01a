//! Closed-won -> project: a won deal becomes customer and contract in the ERP, project, tasks, rates and
//! staffing demand in the PSA, and its ids go back on the deal.

mod activate;
mod crm_ids;
mod erp_contract;
mod erp_customer;
mod erp_project;
mod internal;
mod psa_client;
mod psa_project;
mod psa_rates;
mod psa_staffing;
mod psa_tasks;
mod sale;
mod validate;

pub(crate) use internal::step as internal_step;

use strata_contract::strata::master::v1::{Contract, Customer, Engagement, Project};
use strata_kernel::{Error, Result};

use crate::core::Core;
use crate::engine::{Done, Job, NewStep, Stop, unknown};
use crate::{masters, xrefs};

pub(crate) async fn step(job: &Job<'_>) -> Result<Done, Stop> {
    match job.step.name.split(':').next().unwrap_or_default() {
        "validate" => validate::validate(job).await,
        "erp-customer" => erp_customer::put(job).await,
        "erp-contract" => erp_contract::put(job).await,
        "erp-project" => erp_project::put(job).await,
        "psa-client" => psa_client::put(job).await,
        "psa-project" => psa_project::create(job).await,
        "psa-tasks" => psa_tasks::create(job).await,
        "psa-rates" => psa_rates::put(job).await,
        "psa-staffing" => psa_staffing::create(job).await,
        "activate" => activate::activate(job).await,
        "crm-ids" => crm_ids::record(job).await,
        _ => Err(unknown(job.run, job.step)),
    }
}

/// Everything after the sale was found whole. A project that lacks its structure in the ERP holds back its
/// own activation only.
fn steps(sold: &Engagement) -> Vec<NewStep> {
    let mut steps = vec![
        NewStep::new("erp-customer"),
        NewStep::new("erp-contract").after(["erp-customer"]),
        NewStep::new("psa-client"),
    ];
    let mut made = vec!["erp-contract".to_owned()];
    for code in sold.projects.iter().map(|project| &project.code) {
        let name = |step: &str| format!("{step}:{code}");
        steps.push(NewStep::new(name("psa-project")).after(["psa-client"]));
        steps.push(NewStep::new(name("psa-tasks")).after([name("psa-project")]));
        steps.push(NewStep::new(name("psa-rates")).after([name("psa-project")]));
        steps.push(NewStep::new(name("psa-staffing")).after([name("psa-project")]));
        steps.push(NewStep::new(name("erp-project")).after(["erp-customer"]));
        let whole = ["psa-tasks", "psa-rates", "psa-staffing", "erp-project"].map(name);
        steps.push(NewStep::new(name("activate")).after(whole));
        made.push(name("psa-project"));
    }
    steps.push(NewStep::new("crm-ids").after(made));
    steps
}

/// An engagement with its parts taken apart.
struct Sold {
    whole: Engagement,
    customer: Customer,
    contract: Contract,
}

impl Sold {
    /// The engagement of the run, as master data holds it.
    async fn of(job: &Job<'_>) -> Result<Self> {
        let whole = masters::engagement(job.core, &job.run.engagement_id).await?;
        let customer = whole
            .customer
            .clone()
            .ok_or_else(|| Error::internal("an engagement without customer"))?;
        let contract = whole
            .contract
            .clone()
            .ok_or_else(|| Error::internal("an engagement without contract"))?;
        Ok(Self {
            whole,
            customer,
            contract,
        })
    }

    fn terms(&self) -> strata_contract::strata::common::v1::ContractTerms {
        self.contract.terms.clone().unwrap_or_default()
    }

    /// The project that the step is about.
    fn project(&self, job: &Job<'_>) -> Result<&Project> {
        let found = self.whole.projects.iter().find(|project| project.code == job.subject());
        found.ok_or_else(|| Error::not_found("project", job.subject()))
    }

    /// Key of the customer in the ERP, which keeps one record per selling company.
    fn customer_key(&self) -> String {
        customer_key(&self.customer.id, &self.terms().legal_entity_code)
    }
}

/// Key of a customer in the ERP, which keeps one record per selling company.
pub(crate) fn customer_key(customer_id: &str, legal_entity_code: &str) -> String {
    format!("{customer_id}:{legal_entity_code}")
}

/// The ERP's id of a legal entity.
async fn legal_entity_id(core: &Core, code: &str) -> Result<String> {
    let system = &core.systems().await?.erp;
    let mut found = xrefs::find(core, system, xrefs::kind::LEGAL_ENTITY, [code]).await?;
    found
        .remove(code)
        .ok_or_else(|| Error::not_found("legal entity in the ERP", code))
}
