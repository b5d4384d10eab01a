//! Makes this process and its sandboxes misbehave on demand, and says how often the sandboxes did.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use strata_contract::strata::dev::v1::fault_service_server::{FaultService, FaultServiceServer};
use strata_contract::strata::dev::v1::{
    ArmFailPointRequest, ArmFailPointResponse, ArmFaultRequest, ArmFaultResponse, ClearFaultsRequest, ClearFaultsResponse,
    FailPoint, FaultKind, ListStrikesRequest, ListStrikesResponse, Strikes,
};
use strata_kernel::Error;
use strata_rpc::status;
use strata_sandbox::{Fault, Faults};
use tonic::{Request, Response, Status};

use crate::vendor::Vendor;

/// What a contract's names of points begin with; the rest is the point's name in the code.
const PREFIX: &str = "FAIL_POINT_";

/// The faults of this process, and of the sandboxes in it, by vendor.
pub(crate) struct FaultServer(BTreeMap<Vendor, Faults>);

impl FaultServer {
    /// The service to add to a server. Never outside development.
    pub(crate) fn over(faults: BTreeMap<Vendor, Faults>) -> FaultServiceServer<Self> {
        FaultServiceServer::new(Self(faults))
    }
}

#[tonic::async_trait]
impl FaultService for FaultServer {
    async fn arm_fault(&self, request: Request<ArmFaultRequest>) -> Result<Response<ArmFaultResponse>, Status> {
        let asked = request.into_inner();
        let found = self.0.iter().find(|(vendor, _)| vendor.name() == asked.vendor);
        let (_, faults) = found
            .ok_or_else(|| Error::invalid("vendor", "has no sandbox in this server"))
            .map_err(status)?;
        let fault = fault(&asked).map_err(status)?;
        faults.arm_for(asked.agent, asked.operation, fault, asked.times);
        Ok(Response::new(ArmFaultResponse {}))
    }

    async fn arm_fail_point(&self, request: Request<ArmFailPointRequest>) -> Result<Response<ArmFailPointResponse>, Status> {
        let asked = request.into_inner();
        let left = AtomicU32::new(asked.passes);
        let die_after_the_last = move || {
            let came = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if came.is_err() {
                // Nothing is put in order: that is the point.
                std::process::abort();
            }
        };
        fail::cfg_callback(name(asked.point()), die_after_the_last)
            .map_err(Error::internal)
            .map_err(status)?;
        Ok(Response::new(ArmFailPointResponse {}))
    }

    async fn clear_faults(&self, _: Request<ClearFaultsRequest>) -> Result<Response<ClearFaultsResponse>, Status> {
        self.0.values().for_each(Faults::clear);
        for (point, _) in fail::list() {
            fail::remove(point);
        }
        Ok(Response::new(ClearFaultsResponse {}))
    }

    async fn list_strikes(&self, _: Request<ListStrikesRequest>) -> Result<Response<ListStrikesResponse>, Status> {
        let strikes = self.0.iter().flat_map(|(vendor, faults)| {
            let struck = faults.struck().into_iter();
            struck.map(|((fault, operation), count)| {
                let (kind, status) = said(fault);
                Strikes {
                    vendor: vendor.name().to_owned(),
                    kind: kind.into(),
                    operation,
                    status,
                    count,
                }
            })
        });
        Ok(Response::new(ListStrikesResponse {
            strikes: strikes.collect(),
        }))
    }
}

/// The name of a point in the code: `before-commit`.
fn name(point: FailPoint) -> String {
    let name = point.as_str_name();
    name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase().replace('_', "-")
}

fn fault(asked: &ArmFaultRequest) -> Result<Fault, Error> {
    Ok(match asked.kind() {
        FaultKind::LoseAnswer => Fault::LoseAnswer,
        FaultKind::Refuse => match u16::try_from(asked.status) {
            Ok(status @ 400..=599) => Fault::Refuse(status),
            _ => return Err(Error::invalid("status", "of a refusal is 400 to 599")),
        },
        FaultKind::Delay => {
            let delay = asked.delay.unwrap_or_default();
            let delay = Duration::try_from(delay).map_err(|_| Error::invalid("delay", "is not below zero"))?;
            Fault::Delay(delay)
        }
        FaultKind::ExpireTokens => Fault::ExpireTokens,
        FaultKind::HideRow => Fault::HideRow,
        FaultKind::RepeatPage => Fault::RepeatPage,
        FaultKind::Unspecified => return Err(Error::invalid("kind", "says what goes wrong")),
    })
}

fn said(fault: Fault) -> (FaultKind, u32) {
    match fault {
        Fault::LoseAnswer => (FaultKind::LoseAnswer, 0),
        Fault::Refuse(status) => (FaultKind::Refuse, status.into()),
        Fault::Delay(_) => (FaultKind::Delay, 0),
        Fault::ExpireTokens => (FaultKind::ExpireTokens, 0),
        Fault::HideRow => (FaultKind::HideRow, 0),
        Fault::RepeatPage => (FaultKind::RepeatPage, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_called_in_the_contract_as_in_the_code() {
        assert_eq!(name(FailPoint::BeforeCommit), "before-commit");
        assert_eq!(name(FailPoint::AfterAck), "after-ack");
    }
}
