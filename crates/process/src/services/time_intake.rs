//! Approved time that is handed in.

use std::collections::HashSet;

use prost::Message;
use strata_audit::Done;
use strata_contract::strata::process::time::v1 as pb;
use strata_contract::strata::process::time::v1::time_intake_service_server::{TimeIntakeService, TimeIntakeServiceServer};
use strata_kernel::{Error, Result, digest};
use strata_rpc::{AuditedCall, AuditedEnd, ServerBuilder, Touched, status};
use tonic::{Request, Response, Status};

use crate::intake::{Call, Intake, content};

/// Takes what is handed in. Cloning shares it.
#[derive(Clone)]
pub(crate) struct TimeDesk(pub(crate) Intake);

impl TimeDesk {
    pub(crate) fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server.add_service(TimeIntakeServiceServer::new(self.clone()))
    }

    async fn take(
        &self,
        handed: Vec<pb::ApprovedTimeEntry>,
        call: Option<AuditedCall>,
        answer: fn(&[pb::TimeAcceptance]) -> Vec<u8>,
    ) -> Result<Vec<pb::TimeAcceptance>> {
        let mut ids = HashSet::new();
        if let Some(index) = handed.iter().position(|entry| !ids.insert(entry.id.as_str())) {
            return Err(Error::invalid(format!("time_entries[{index}].id"), "stands there twice"));
        }
        let object = match handed.as_slice() {
            [one] => format!("timeEntries/{}", one.id),
            _ => "timeEntries/-".to_owned(),
        };
        let audited = call.map(|call| {
            Box::new(move |accepted: &[pb::TimeAcceptance]| {
                let answered = digest(&answer(accepted));
                let touched = Touched {
                    object: object.clone(),
                    before: String::new(),
                    after: answered.clone(),
                };
                Done {
                    call: call.clone(),
                    end: AuditedEnd {
                        code: "OK".to_owned(),
                        answer_digest: answered,
                        touched: Some(touched),
                    },
                }
            }) as _
        });
        let entries = handed.into_iter().map(content).collect();
        self.0.accept(Call { entries, audited }).await
    }
}

fn one(accepted: &[pb::TimeAcceptance]) -> pb::AcceptTimeEntryResponse {
    pb::AcceptTimeEntryResponse {
        acceptance: accepted.first().cloned(),
    }
}

fn many(accepted: &[pb::TimeAcceptance]) -> pb::BatchAcceptTimeEntriesResponse {
    pb::BatchAcceptTimeEntriesResponse {
        acceptances: accepted.to_vec(),
    }
}

#[tonic::async_trait]
impl TimeIntakeService for TimeDesk {
    async fn accept_time_entry(
        &self,
        mut request: Request<pb::AcceptTimeEntryRequest>,
    ) -> Result<Response<pb::AcceptTimeEntryResponse>, Status> {
        let call = request.extensions_mut().remove::<AuditedCall>();
        let entries = request.into_inner().time_entry.into_iter().collect();
        let accepted = self.take(entries, call, |accepted| one(accepted).encode_to_vec()).await;
        accepted.map(|accepted| Response::new(one(&accepted))).map_err(status)
    }

    async fn batch_accept_time_entries(
        &self,
        mut request: Request<pb::BatchAcceptTimeEntriesRequest>,
    ) -> Result<Response<pb::BatchAcceptTimeEntriesResponse>, Status> {
        let call = request.extensions_mut().remove::<AuditedCall>();
        let entries = request.into_inner().time_entries;
        let accepted = self.take(entries, call, |accepted| many(accepted).encode_to_vec()).await;
        accepted.map(|accepted| Response::new(many(&accepted))).map_err(status)
    }
}
