//! Calls of each adapter: every read, and writes that may be repeated.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use prost_reflect::{DynamicMessage, ReflectMessage};
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::{crm::v1 as crm, erp::v1 as erp, hr::v1 as hr, psa::v1 as psa};
use strata_kantata_ox::KantataOx;
use strata_kernel::{Error, Result};
use strata_netsuite::NetSuite;
use strata_port::{CrmSystem, ErpSystem, HrSystem, PsaSystem};
use strata_salesforce::Salesforce;
use strata_workday::Workday;

type Told = BoxFuture<'static, Result<DynamicMessage, Error>>;

/// Calls of Salesforce.
pub(crate) const SALESFORCE: &[&str] = &[
    "opportunities",
    "sale",
    "rate lines",
    "amendments",
    "milestones",
    "invoice status",
];
/// Calls of Kantata OX.
pub(crate) const KANTATA_OX: &[&str] = &[
    "projects",
    "milestones",
    "time",
    "approved time",
    "expenses",
    "client",
    "lookup",
];
/// Calls of NetSuite.
pub(crate) const NETSUITE: &[&str] = &[
    "reference data",
    "exchange rates",
    "transfer rates",
    "periods",
    "time postings",
    "documents",
    "journals",
    "invoices",
    "lookup",
    "customer",
];
/// Calls of Workday.
pub(crate) const WORKDAY: &[&str] = &["workers"];

fn told(message: &impl ReflectMessage) -> DynamicMessage {
    message.transcode_to_dynamic()
}

fn day(month: i32, day: i32) -> Option<Date> {
    Some(Date { year: 2025, month, day })
}

fn cents(minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "USD".into(),
        minor_units,
    })
}

pub(crate) fn salesforce(to: Arc<Salesforce>, call: &'static str) -> Told {
    async move {
        let deals = async || {
            to.list_opportunity_changes(crm::ListOpportunityChangesRequest::default())
                .await
        };
        Ok(match call {
            "opportunities" => told(&deals().await?),
            "rate lines" => told(&to.list_rate_line_changes(Default::default()).await?),
            "amendments" => told(&to.list_amendment_changes(Default::default()).await?),
            "milestones" => told(&to.list_milestone_changes(Default::default()).await?),
            // The deal is read first, so that its id is one that the vendor gave in this call.
            _ => {
                let deals = deals().await?;
                let Some(deal) = deals.opportunities.into_iter().next() else {
                    return Err(Error::not_found("opportunity", ""));
                };
                match call {
                    "sale" => told(&to.get_sale(crm::GetSaleRequest { opportunity_id: deal.id }).await?),
                    _ => {
                        let status = crm::InvoiceStatus {
                            key: "inv:CT-1:2025-01".into(),
                            account_id: deal.account_id,
                            opportunity_id: deal.id,
                            number: "INV-1".into(),
                            status: "posted".into(),
                            issue_date: day(2, 5),
                            gross: cents(128_000),
                            open: cents(28_000),
                            ..Default::default()
                        };
                        told(
                            &to.put_invoice_status(crm::PutInvoiceStatusRequest { status: Some(status) })
                                .await?,
                        )
                    }
                }
            }
        })
    }
    .boxed()
}

pub(crate) fn kantata_ox(to: Arc<KantataOx>, call: &'static str) -> Told {
    async move {
        Ok(match call {
            "projects" => told(&to.list_project_changes(Default::default()).await?),
            "milestones" => told(&to.list_milestone_changes(Default::default()).await?),
            "time" => told(&to.list_time_entry_changes(Default::default()).await?),
            "expenses" => told(&to.list_expense_changes(Default::default()).await?),
            "approved time" => {
                let request = psa::ListApprovedTimeRequest {
                    from_date: day(1, 1),
                    to_date: day(1, 31),
                    ..Default::default()
                };
                told(&to.list_approved_time(request).await?)
            }
            "client" => {
                let request = psa::PutClientRequest {
                    key: "cus_fuzz".into(),
                    name: "Southwind".into(),
                };
                told(&to.put_client(request).await?)
            }
            _ => {
                let request = psa::LookupByKeyRequest {
                    kind: psa::RecordKind::Client.into(),
                    key: "cus_fuzz".into(),
                };
                told(&to.lookup_by_key(request).await?)
            }
        })
    }
    .boxed()
}

pub(crate) fn netsuite(to: Arc<NetSuite>, call: &'static str) -> Told {
    async move {
        let postings = async |kind: erp::RecordKind| {
            let request = erp::ListPostingsRequest {
                kind: kind.into(),
                from_date: day(1, 1),
                to_date: day(3, 31),
                ..Default::default()
            };
            to.list_postings(request).await
        };
        // The company is read first, so that its id is one that the vendor gave in this call.
        let company = async || {
            let known = to.get_reference_data(Default::default()).await?;
            let first = known.legal_entities.into_iter().next();
            first
                .map(|company| company.id)
                .ok_or_else(|| Error::not_found("legal entity", ""))
        };
        Ok(match call {
            "reference data" => told(&to.get_reference_data(Default::default()).await?),
            "exchange rates" => told(&to.list_exchange_rate_changes(Default::default()).await?),
            "transfer rates" => told(&to.list_transfer_rate_changes(Default::default()).await?),
            "documents" => told(&to.list_document_changes(Default::default()).await?),
            "journals" => told(&postings(erp::RecordKind::Journal).await?),
            "invoices" => told(&postings(erp::RecordKind::Invoice).await?),
            "periods" => {
                let request = erp::ListAccountingPeriodsRequest {
                    legal_entity_ids: vec![company().await?],
                    from_date: day(1, 1),
                };
                told(&to.list_accounting_periods(request).await?)
            }
            "time postings" => {
                let request = erp::ListTimePostingsRequest {
                    from_date: day(1, 1),
                    to_date: day(1, 31),
                    ..Default::default()
                };
                told(&to.list_time_postings(request).await?)
            }
            "lookup" => {
                let request = erp::LookupByKeyRequest {
                    kind: erp::RecordKind::Customer.into(),
                    keys: vec!["cus_fuzz".into()],
                };
                told(&to.lookup_by_key(request).await?)
            }
            _ => {
                let request = erp::PutCustomerRequest {
                    key: "cus_fuzz".into(),
                    name: "Southwind".into(),
                    legal_entity_id: company().await?,
                    currency_code: "USD".into(),
                    country_code: "US".into(),
                    payment_terms_days: 30,
                };
                told(&to.put_customer(request).await?)
            }
        })
    }
    .boxed()
}

pub(crate) fn workday(to: Arc<Workday>, _: &'static str) -> Told {
    async move { Ok(told(&to.list_worker_changes(hr::ListWorkerChangesRequest::default()).await?)) }.boxed()
}
