//! The tiers below, as much of them as the experience tier asks for.

mod master;
mod process;
mod watch;

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard};

use strata_contract::strata::common::v1::{ContractTerms, Money};
use strata_contract::strata::master::v1 as master_pb;
use strata_contract::strata::process::billing::v1 as billing;
use strata_contract::strata::process::exception::v1 as exception;
use strata_contract::strata::process::mobilisation::v1 as mobilisation;
use strata_kernel::Error;
use strata_rpc::page::Page;
use strata_rpc::{ServerBuilder, status};
use tokio::sync::watch::Sender;
use tonic::Status;

use crate::id;

/// Master data and the process tier in memory. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Below(Arc<State>);

#[derive(Default)]
struct State {
    held: Mutex<Held>,
    /// Hand-offs recorded so far: a change wakes the watchers.
    recorded: Sender<usize>,
    /// Watches under way.
    watchers: Sender<usize>,
    /// Hand-offs that watches have sent.
    sent: AtomicUsize,
}

/// What the fakes hold, in the order they list it.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) engagements: Vec<master_pb::Engagement>,
    pub(crate) mobilisations: Vec<mobilisation::Mobilisation>,
    pub(crate) hand_offs: Vec<mobilisation::HandOff>,
    pub(crate) documents: Vec<billing::Document>,
    pub(crate) unbilled: Vec<billing::UnbilledTime>,
    pub(crate) exceptions: Vec<exception::Exception>,
    /// The process tier refuses every call with it.
    pub(crate) refusal: Option<Error>,
    /// Last request for unbilled time.
    pub(crate) asked: Option<billing::ListUnbilledTimeRequest>,
    /// Calls by method.
    pub(crate) calls: HashMap<&'static str, usize>,
}

impl Below {
    /// Adds the fake of master data.
    pub(crate) fn add_master_to(&self, server: ServerBuilder) -> ServerBuilder {
        let service = master_pb::engagement_service_server::EngagementServiceServer::new(self.clone());
        server.add_service(service)
    }

    /// Adds the fakes of the process tier.
    pub(crate) fn add_process_to(&self, server: ServerBuilder) -> ServerBuilder {
        server
            .add_service(mobilisation::mobilisation_service_server::MobilisationServiceServer::new(
                self.clone(),
            ))
            .add_service(billing::billing_service_server::BillingServiceServer::new(self.clone()))
            .add_service(exception::exception_service_server::ExceptionServiceServer::new(self.clone()))
    }

    /// What is held now.
    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap()
    }

    /// Watches under way.
    pub(crate) fn watchers(&self) -> tokio::sync::watch::Receiver<usize> {
        self.0.watchers.subscribe()
    }

    /// Hand-offs that watches have sent.
    pub(crate) fn sent(&self) -> usize {
        self.0.sent.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// An engagement with one project, sold and mobilised as `state` says.
    pub(crate) fn engagement(&self, name: &str, state: mobilisation::StepState) {
        self.unsold(name);
        self.mobilisation(name, state);
    }

    /// An engagement that master data has from elsewhere: no sale was mobilised for it.
    pub(crate) fn unsold(&self, name: &str) {
        let mut held = self.held();
        held.engagements.push(master_pb::Engagement {
            id: id(name),
            name: name.to_owned(),
            customer: Some(master_pb::Customer {
                name: format!("{name} customer"),
                ..master_pb::Customer::default()
            }),
            contract: Some(master_pb::Contract {
                terms: Some(ContractTerms {
                    contract_number: format!("C-{name}"),
                    ..ContractTerms::default()
                }),
                ..master_pb::Contract::default()
            }),
            projects: vec![master_pb::Project {
                code: format!("PR-{name}"),
                ..master_pb::Project::default()
            }],
            ..master_pb::Engagement::default()
        });
        held.engagements.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// A mobilisation alone: a sale that has not become an engagement yet.
    pub(crate) fn mobilisation(&self, name: &str, state: mobilisation::StepState) {
        let mut held = self.held();
        held.mobilisations.push(mobilisation::Mobilisation {
            engagement_id: id(name),
            state: state.into(),
            ..mobilisation::Mobilisation::default()
        });
        held.mobilisations.sort_by(|a, b| a.engagement_id.cmp(&b.engagement_id));
    }

    /// A hand-off: the next of the engagement's story.
    pub(crate) fn hand_off(&self, name: &str, event: &str) {
        let mut held = self.held();
        let engagement_id = id(name);
        let sequence = 1 + held.hand_offs.iter().filter(|h| h.engagement_id == engagement_id).count() as u64;
        held.hand_offs.push(mobilisation::HandOff {
            sequence,
            engagement_id,
            event: event.to_owned(),
            system: "netsuite".to_owned(),
            kind: "project".to_owned(),
            vendor_id: format!("{sequence}"),
            state: "done".to_owned(),
            detail: format!("{event} for {name}"),
            time: Some(prost_types::Timestamp {
                seconds: i64::try_from(sequence).unwrap(),
                nanos: 0,
            }),
            correlation_id: format!("order-{name}"),
        });
        let recorded = held.hand_offs.len();
        drop(held);
        self.0.recorded.send_replace(recorded);
    }

    /// A document of a period.
    pub(crate) fn document(&self, name: &str, period: &str, state: billing::DocumentState) {
        let gross = Money {
            currency_code: "EUR".to_owned(),
            minor_units: 11_900,
        };
        self.held().documents.push(billing::Document {
            key: format!("inv:C-{name}:{period}"),
            engagement_id: id(name),
            period: period.to_owned(),
            state: state.into(),
            number: format!("INV-{period}"),
            gross: Some(gross.clone()),
            open: Some(gross),
            ..billing::Document::default()
        });
    }

    /// An exception that holds an engagement up.
    pub(crate) fn exception(&self, name: &str, state: exception::ExceptionState) {
        let mut held = self.held();
        let number = held.exceptions.len();
        held.exceptions.push(exception::Exception {
            id: format!("exc_{number:020}"),
            engagement_id: id(name),
            state: state.into(),
            ..exception::Exception::default()
        });
    }

    /// Counts a call, and refuses it when the process tier is to refuse.
    fn call(&self, method: &'static str) -> Result<(), Status> {
        let mut held = self.held();
        *held.calls.entry(method).or_default() += 1;
        match held
            .refusal
            .clone()
            .filter(|_| !method.ends_with("Engagements") && !method.ends_with("Engagement"))
        {
            Some(error) => Err(status(error)),
            None => Ok(()),
        }
    }
}

/// One page of rows by key, as every list of the platform gives it.
fn page<T>(rows: Vec<T>, key: impl Fn(&T) -> String, size: i32, token: &str, filter: &str) -> Result<(Vec<T>, String), Status> {
    let page = Page::ask(size, token, filter).map_err(status)?;
    let limit = usize::try_from(page.limit()).unwrap();
    let mut rows: Vec<T> = rows
        .into_iter()
        .filter(|row| key(row).as_str() > page.after())
        .take(limit)
        .collect();
    let next = page.cut(&mut rows, key);
    Ok((rows, next))
}
